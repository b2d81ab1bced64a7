/** What one run of the benchmark has found, as its JSON file has it. */
import type { Measure, Settings } from "./row.ts";

export interface Results {
  /** Raised when the meaning of a field changes; a comparison of two versions is refused. */
  readonly version: 1;
  readonly machine: MachineFacts;
  readonly rounds: number;
  readonly settings: Settings;
  /** Those who took part, in the order of the columns. */
  readonly contestants: readonly {
    readonly id: string;
    readonly title: string;
    readonly setting: string;
    readonly version: string;
  }[];
  readonly measures: readonly Measure[];
  /** By measure and contestant: a number a round; null: it was not measured in that round. */
  readonly numbers: Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>;
}

export interface MachineFacts {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly processor: string;
  readonly processors: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly system: string;
  /** The Git revision of the checkout, with "+" when files of it were changed; undefined: none. */
  readonly revision?: string;
  /** Program and version. */
  readonly tools: Readonly<Record<string, string>>;
  /** Average load of the last minute: before the first round, and after the last. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** One measure of one contestant, a place a round. */
export function numbersOf(
  { numbers }: Results,
  measure: string,
  contestant: string,
): (number | undefined)[] {
  return (numbers[measure]?.[contestant] ?? []).map((value) => value ?? undefined);
}
