/**
 * How long a ban lasts: by how sure we are of the source, and longer for every repeat.
 */
import type { Evidence } from "../model/evidence.ts";

/**
 * Durations (ms) of the first, second, … ban by its evidence; the last repeats. Empty: for good.
 * undefined: nobody is banned on that.
 */
export type BanSteps = Readonly<Record<Evidence, readonly number[] | undefined>>;

/**
 * @returns the duration (ms) of the next ban after `earlierBans`: the first step after none, the
 * last step for every repeat beyond the list; undefined, for good, when there are no steps.
 */
export function banDurationMs(stepsMs: readonly number[], earlierBans: number): number | undefined {
  return stepsMs[Math.min(earlierBans, stepsMs.length - 1)];
}
