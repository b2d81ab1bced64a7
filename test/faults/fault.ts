/** What one fault of `npm run faults` is. */
import type { Random } from "../../bench/traffic/random.ts";
import type { Lab } from "../support/namespaces.ts";

/** How much of a fault is played. */
export interface Scope {
  /** `--quick`: few repetitions, and none of what takes minutes. */
  readonly isQuick: boolean;
  /** `--full`: also what is left out otherwise. */
  readonly isFull: boolean;
  /** Draws of this run; the same ones for the same `--seed`. */
  readonly random: Random;
}

export interface Fault {
  /** For `--only` and the table: kebab-case. */
  readonly name: string;
  /** What is done to the guard. */
  readonly done: (scope: Scope) => string;
  /** What must hold all the same. */
  readonly promised: string;
  /** Longest that all of it may take. Milliseconds; beyond it the fault counts as failed. */
  readonly limitMs: number;
  /** Why it cannot or shall not be played; undefined: it can. Default: it always can. */
  readonly skipReason?: (scope: Scope) => string | undefined;
  /**
   * Plays it in namespaces of the lab, which the caller disposes of, also in the middle.
   * @returns what was seen. @throws {Error} when a promise was broken.
   */
  readonly play: (lab: Lab, scope: Scope) => Promise<string>;
}
