/** Tables and numbers of the page. Pure. */
import type { Spread } from "./statistics.ts";

export function formatLines(
  head: readonly string[],
  lines: readonly (readonly string[])[],
): string {
  return [head, head.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** "12,300 (12,100–12,400)"; "-" where nothing was measured. */
export function formatSpread(spread: Spread | undefined, digits?: number): string {
  if (spread === undefined) return "-";
  const [median, low, high] = [spread.median, spread.low, spread.high].map((value) =>
    formatNumber(value, digits),
  );
  return low === high ? `${median}` : `${median} (${low}–${high})`;
}

/** Three significant figures, or so many as an integer has; a ratio has a fixed number of places. */
export function formatNumber(value: number, places?: number): string {
  if (places !== undefined) return value.toFixed(places);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
