/**
 * Why a bar is not met, as docs/benchmarks/reasons.md tells it by hand. Pure.
 *
 * A heading of that file, "## flood.fast.cpu, flood.steady.cpu", names measures; the text below it
 * follows their bars on the page for as long as one of them is not met, and is not shown otherwise.
 */
import type { BarResult } from "./bars.ts";

export interface Reason {
  /** Ids of measures. */
  readonly measures: readonly string[];
  readonly text: string;
}

/** Where the texts are, as a link of docs/BENCHMARKS.md. */
const FILE = "[benchmarks/reasons.md](benchmarks/reasons.md)";

/** What stands above the first heading is for whoever writes there. */
export function parseReasons(file: string): Reason[] {
  const [, ...sections] = `\n${file}`.split("\n## ");
  return sections.map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    return {
      measures: heading.split(",").map((id) => id.trim()),
      text: lines.join("\n").trim(),
    };
  });
}

/** @returns each bar that is not met with its reason, or with where that is to be written. */
export function formatUnmet(bars: readonly BarResult[], reasons: readonly Reason[]): string {
  const unmet = bars.filter(({ isMet }) => !isMet).map(({ measure }) => measure);
  if (unmet.length === 0) return "Every bar of this table is met.";
  const told = reasons.flatMap(({ measures, text }) => {
    const meant = unmet.filter(({ id }) => measures.includes(id));
    return meant.length === 0 ? [] : [{ meant, text }];
  });
  const explained = new Set(told.flatMap(({ meant }) => meant));
  const untold = unmet
    .filter((measure) => !explained.has(measure))
    .map((measure) => ({
      meant: [measure],
      text: `Nobody has said why yet; ${FILE} has room for it, below \`## ${measure.id}\`.`,
    }));
  const parts = [...told, ...untold].map(
    ({ meant, text }) => `**${meant.map(({ title }) => title).join("; ")}**\n\n${text}`,
  );
  return `### Why a bar is not met\n\n${parts.join("\n\n")}`;
}
