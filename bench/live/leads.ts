/** Where somebody else is ahead of Vedette, beyond the spread of both. */
import { numbersOf, type Results } from "./results.ts";
import type { Measure } from "./row.ts";
import { type Spread, spreadOf } from "./statistics.ts";

export interface BenchLead {
  readonly measure: Measure;
  readonly contestant: string;
  readonly theirs: Spread;
  readonly ours: Spread;
}

/** Whose numbers Vedette's are compared with: programs that guard, and not the machine alone. */
const NO_PEERS = ["none", "vedette"];

/** Do all of `a`'s middle numbers stand on the better side of `b`'s? */
function isAhead(a: Spread, b: Spread, isMoreBetter: boolean): boolean {
  return isMoreBetter ? a.low > b.high : a.high < b.low;
}

/**
 * @returns every measure in which a peer's worse quartile is better than Vedette's better one, in the
 * order of the measures.
 */
export function leadsOf(results: Results): BenchLead[] {
  return results.measures.flatMap((measure) => {
    const ours = spreadOf(present(numbersOf(results, measure.id, "vedette")));
    if (ours === undefined) return [];
    return results.contestants.flatMap(({ id }) => {
      const theirs = spreadOf(present(numbersOf(results, measure.id, id)));
      const isLead =
        measure.isMoreBetter !== null &&
        theirs !== undefined &&
        !NO_PEERS.includes(id) &&
        isAhead(theirs, ours, measure.isMoreBetter);
      return isLead ? [{ measure, contestant: id, theirs, ours }] : [];
    });
  });
}

/** Without the rounds that have no number. */
export function present(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined);
}
