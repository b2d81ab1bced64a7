/** What Vedette has promised of a measure, and whether a run keeps it. Pure. */
import { present } from "./leads.ts";
import { numbersOf, type Results } from "./results.ts";
import type { Measure } from "./row.ts";
import { pairedRatios, type Spread, spreadOf } from "./statistics.ts";

export interface Bar {
  readonly bound: "at least" | "at most" | "below";
  readonly value: number;
  /** Of the ratio to no guard, and not of the number itself. */
  readonly isOfRatio?: true;
  /** Every round has to keep it, and not the median alone: what must never happen. */
  readonly isOfEachRound?: true;
}

export interface BarResult {
  readonly measure: Measure;
  readonly bar: Bar;
  /** What the bar is held against. */
  readonly spread: Spread;
  readonly rounds: number;
  /** Of these, so many keep it. */
  readonly keptRounds: number;
  readonly isMet: boolean;
}

/** @returns every bar whose measure has a number of Vedette's, in the order of the measures. */
export function barsOf(results: Results): BarResult[] {
  return results.measures.flatMap((measure) => {
    const { bar } = measure;
    if (bar === undefined) return [];
    const ours = numbersOf(results, measure.id, "vedette");
    const values =
      bar.isOfRatio === true
        ? pairedRatios(ours, numbersOf(results, measure.id, "none"))
        : present(ours);
    const spread = spreadOf(values);
    if (spread === undefined) return [];
    const rounds = values.length;
    const keptRounds = values.filter((value) => keeps(value, bar)).length;
    const isMet = bar.isOfEachRound === true ? keptRounds === rounds : keeps(spread.median, bar);
    return [{ measure, bar, spread, rounds, keptRounds, isMet }];
  });
}

function keeps(value: number, bar: Bar): boolean {
  if (bar.bound === "at least") return value >= bar.value;
  return bar.bound === "at most" ? value <= bar.value : value < bar.value;
}
