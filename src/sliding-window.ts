/**
 * At most so many acts in any window of time, wherever the window is laid.
 *
 * Strict, unlike a token bucket or a counter a calendar minute, which both allow twice the number
 * around a boundary. It remembers the time of each act that the bound counts, so memory is eight
 * bytes times `limit`.
 */

export interface SlidingWindowOptions {
  /** Acts allowed in a window. Integer, 0 or more; 0 allows none. */
  readonly limit: number;
  readonly windowMs: number;
}

export class SlidingWindow {
  readonly #windowMs: number;
  /** A ring: the time of each of the last `limit` acts, the oldest at `#next`. */
  readonly #actAtMs: Float64Array;
  #next = 0;

  constructor({ limit, windowMs }: SlidingWindowOptions) {
    this.#windowMs = windowMs;
    this.#actAtMs = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  }

  /** @returns whether one more act is within the bound at `nowMs`; counts nothing. */
  hasRoom(nowMs: number): boolean {
    return this.waitMs(nowMs) === 0;
  }

  /** @returns how long until there is room, if nothing is counted meanwhile; Infinity: never. */
  waitMs(nowMs: number): number {
    const oldestAtMs = this.#actAtMs[this.#next];
    if (oldestAtMs === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, oldestAtMs + this.#windowMs - nowMs);
  }

  /** Counts one act if there is room. `nowMs`: monotonic. @returns whether there was. */
  take(nowMs: number): boolean {
    if (!this.hasRoom(nowMs)) return false;
    this.#actAtMs[this.#next] = nowMs;
    this.#next = (this.#next + 1) % this.#actAtMs.length;
    return true;
  }
}
