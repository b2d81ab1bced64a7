/**
 * One row of the benchmark: what is done to a machine, and which numbers come of it.
 */
import type { Bar } from "./bars.ts";
import type { Standing } from "./standing.ts";

/** One number that a row yields. */
export interface Measure {
  /** In the results, as `new-connections.pace`; never changed, or a comparison has lost its other side. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** null: neither; it is told so that others can be understood. */
  readonly isMoreBetter: boolean | null;
  /** Has it a meaning without a guard, so that a ratio to that can be taken? */
  readonly isPaired: boolean;
  /** What has to be known to read it, in whole sentences. */
  readonly note?: string;
  /** What Vedette has promised of it. */
  readonly bar?: Bar;
}

/** By {@link Measure.id}; what could not be counted is left out. */
export type Numbers = Readonly<Record<string, number>>;

export interface Row {
  readonly name: string;
  readonly measures: readonly Measure[];
  /** It takes long: it is measured in the first round and every second one. */
  readonly isLong?: true;
  /** About how long it takes for one contestant, where that is not a few seconds. Seconds. */
  readonly aboutSeconds?: number;
  /**
   * Measures once. The machine stands for the round, with a guard that has seen ordinary traffic
   * alone: a row whose traffic is hostile builds a machine of its own.
   */
  measure(standing: Standing, settings: Settings): Promise<Numbers>;
}

export interface Settings {
  /** How long traffic flows, or nothing happens, for one number. Seconds, whole. */
  readonly seconds: number;
  /** How often a machine is scanned, in the row that counts what scans learn. */
  readonly scans: number;
  /** Rows with more bans than these are left out. */
  readonly mostBans: number;
  /** It shall be over soon: rows shorten what they do where they can. */
  readonly isQuick?: true;
}
