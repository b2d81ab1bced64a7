/**
 * How long a ban lasts: longer for every repeat.
 */

/**
 * @returns the duration (ms) of the next ban after `earlierBans`: the first step after none, the
 * last step for every repeat beyond the list; undefined, for good, when there are no steps.
 */
export function banDurationMs(stepsMs: readonly number[], earlierBans: number): number | undefined {
  return stepsMs[Math.min(earlierBans, stepsMs.length - 1)];
}
