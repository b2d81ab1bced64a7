/** The bars of a run as a table for people. Pure. */
import { type BarResult, barsOf } from "./bars.ts";
import { formatUnmet, type Reason } from "./reasons.ts";
import { formatLines, formatNumber, formatSpread } from "./report-table.ts";
import type { Results } from "./results.ts";

/** Places of a ratio behind its point. */
const RATIO_PLACES = 3;

/**
 * @returns the table and the reasons of what is not met, or a sentence where nothing of it was
 * measured.
 */
export function formatBars(results: Results, reasons: readonly Reason[]): string {
  const bars = barsOf(results);
  if (bars.length === 0) return "Nothing that has a bar was measured of Vedette.";
  const table = formatLines(["what", "bar", "Vedette", "is it met?"], bars.map(formatBar));
  return `${table}\n\n${formatUnmet(bars, reasons)}`;
}

function formatBar(result: BarResult): string[] {
  const { measure, bar, spread } = result;
  const isRatio = bar.isOfRatio === true;
  const value = formatNumber(bar.value);
  return [
    measure.title,
    isRatio ? `${bar.bound} ${value} × no guard` : `${bar.bound} ${value} ${measure.unit}`,
    formatSpread(spread, isRatio ? RATIO_PLACES : undefined),
    formatVerdict(result),
  ];
}

/** "met", "not met"; where every round counts, and some are not like the others, how many keep it. */
function formatVerdict({ isMet, keptRounds, rounds }: BarResult): string {
  const word = isMet ? "met" : "**not met**";
  return keptRounds === rounds || keptRounds === 0
    ? word
    : `${word}; by ${keptRounds} of ${rounds} rounds`;
}
