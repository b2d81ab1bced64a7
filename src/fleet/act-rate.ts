/**
 * How many acts there were in the minute before now, counted exactly up to a bound.
 *
 * By a clock that is not ours and may be set: what is stamped later than now by a minute or more is
 * forgotten with what is older, so that a clock that was ahead for a while does not count for ever.
 */

/** Milliseconds. An act is counted for less than this. */
export const RATE_WINDOW_MS = 60_000;

export class ActRate {
  /** A ring of the last acts; as many as need be told apart. */
  readonly #atMs: Float64Array;
  #next = 0;

  /** @param most the largest count that is told; more are told as this. Integer, 1 or more. */
  constructor(most: number) {
    this.#atMs = new Float64Array(most).fill(Number.NEGATIVE_INFINITY);
  }

  /** Counts one act. @returns how many there are now, this one included. */
  count(atMs: number): number {
    this.#atMs[this.#next] = atMs;
    this.#next = (this.#next + 1) % this.#atMs.length;
    return this.at(atMs);
  }

  at(nowMs: number): number {
    return this.#atMs.reduce(
      (sum, atMs) => (Math.abs(nowMs - atMs) < RATE_WINDOW_MS ? sum + 1 : sum),
      0,
    );
  }

  clear(): void {
    this.#atMs.fill(Number.NEGATIVE_INFINITY);
  }
}
