/**
 * How long the story of a ban is kept after its end.
 *
 * Whoever sends forged probes has bans made, some 30 million a year at the highest rate that
 * CLAIMED_BANS allows by default: without an end of memory he fills the disk.
 */

/**
 * Ended bans deleted in one turn: some milliseconds. Once a second that is more than can be made.
 */
export const DELETED_AT_ONCE = 500;

/**
 * @param ageMs how long it is kept in any case (JOURNAL_AGE). @param repeatWithinMs how far back
 * offences are counted (REPEAT_WITHIN): nothing younger goes.
 * @returns the moment; bans that ended before it are to be forgotten.
 */
export function endOfMemory(nowEpochMs: number, ageMs: number, repeatWithinMs: number): number {
  return nowEpochMs - Math.max(ageMs, repeatWithinMs);
}
