/**
 * Compares a run with an earlier one by ratios alone. Pure.
 *
 * Absolute numbers are those of a machine and a day. A ratio to the same round without a guard can
 * be compared with that of another run, and so can one to a peer's number of the same round, which
 * is what a cost without a base has.
 */
import { numbersOf, type Results } from "./results.ts";
import type { Measure } from "./row.ts";
import { pairedRatios, type Spread, spreadOf } from "./statistics.ts";

/** So much of a ratio may be lost without a word: 10 %. */
const TOLERATED_LOSS = 0.1;

export interface Comparison {
  readonly measure: Measure;
  /** With whose numbers ours were compared, of the same round. */
  readonly base: string;
  readonly before: Spread;
  readonly now: Spread;
  /** Share of the ratio that was lost; negative: it was won. */
  readonly loss: number;
  /** More than {@link TOLERATED_LOSS} was lost, and the quartiles of the two do not meet. */
  readonly isLost: boolean;
}

/** @returns a comparison for each ratio that both runs have, in the order of the measures. */
export function compare(before: Results, now: Results): Comparison[] {
  const bases = now.contestants.map(({ id }) => id).filter((id) => id !== "vedette");
  return now.measures.filter(isJudged).flatMap((measure) =>
    bases
      // Where no guard is a base, it is the best one; a peer's number varies for its own reasons.
      .filter((base) => (base === "none") === measure.isPaired)
      .flatMap((base) => {
        const earlier = ratioOf(before, measure.id, base);
        const later = ratioOf(now, measure.id, base);
        return earlier === undefined || later === undefined
          ? []
          : [judge(measure, base, earlier, later)];
      }),
  );
}

/** A measure of which more or less is better. */
type JudgedMeasure = Measure & { readonly isMoreBetter: boolean };

function isJudged(measure: Measure): measure is JudgedMeasure {
  return measure.isMoreBetter !== null;
}

function ratioOf(results: Results, measure: string, base: string): Spread | undefined {
  const ours = numbersOf(results, measure, "vedette");
  return spreadOf(pairedRatios(ours, numbersOf(results, measure, base)));
}

function judge(measure: JudgedMeasure, base: string, before: Spread, now: Spread): Comparison {
  const { isMoreBetter } = measure;
  // A ratio of 0, such as of services given away, has no share that could be lost: all of it is.
  const change = now.median - before.median;
  const share = before.median === 0 ? Math.sign(change) : change / before.median;
  const loss = (isMoreBetter ? -share : share) + 0;
  const isApart = isMoreBetter ? now.high < before.low : now.low > before.high;
  return { measure, base, before, now, loss, isLost: loss > TOLERATED_LOSS && isApart };
}

/** One line for people. */
export function formatComparison({ measure, base, before, now, loss, isLost }: Comparison): string {
  const [was, is] = [before, now].map(
    ({ median, low, high }) => `${median.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`,
  );
  const word = isLost ? "LOST" : "holds";
  const percent = `${loss > 0 ? "-" : "+"}${Math.abs(loss * 100).toFixed(1)} %`;
  return `${word}: ${measure.id} / ${base}: was ${was}, is ${is}, ${percent}`;
}
