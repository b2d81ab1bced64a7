/** What one run has found of how things grow, as its JSON file has it. */
import type { MachineFacts } from "../live/results.ts";
import type { Spread } from "../live/statistics.ts";
import type { GrowthSettings } from "./subject.ts";

export interface GrowthResults {
  /** Raised when the meaning of a field changes. */
  readonly version: 1;
  readonly machine: MachineFacts;
  readonly settings: GrowthSettings;
  /** By name; the sizes that were measured, in rising order. */
  readonly subjects: Readonly<Record<string, readonly GrowthPoint[]>>;
}

export interface GrowthPoint {
  readonly size: number;
  /** By curve: median and quartiles of what was taken there. */
  readonly numbers: Readonly<Record<string, Spread>>;
}
