/**
 * How many claimed sources may be banned in a minute.
 *
 * A claimed source costs its forger one packet a port, so what a flood can do is bounded here, by
 * number and whatever the sources are. The bound is strict: no minute, wherever it begins, holds
 * more than the budget. A token bucket would grant twice that across a quiet and a loud minute.
 */
import type { Clock } from "../clock.ts";

const WINDOW_MS = 60_000;

export class ClaimBudget {
  readonly #clock: Clock;
  /** When each of the last grants was made, as a ring; its length is the budget. */
  readonly #grantedAtMs: Float64Array;
  /** Place of the oldest grant, which the next one overwrites. */
  #oldest = 0;

  /**
   * @param perMinute grants in any window of 60 s, both ends included. Integer, 0 (none) or more.
   */
  constructor(perMinute: number, clock: Clock) {
    this.#clock = clock;
    this.#grantedAtMs = new Float64Array(perMinute).fill(Number.NEGATIVE_INFINITY);
  }

  /** @returns whether one more may be banned now; counts nothing. */
  hasRoom(): boolean {
    if (this.#grantedAtMs.length === 0) return false;
    return this.#clock.monotonicMs() - (this.#grantedAtMs[this.#oldest] as number) > WINDOW_MS;
  }

  /** @returns whether one more may be banned now, and if so, counts it. */
  take(): boolean {
    if (!this.hasRoom()) return false;
    this.#grantedAtMs[this.#oldest] = this.#clock.monotonicMs();
    this.#oldest = (this.#oldest + 1) % this.#grantedAtMs.length;
    return true;
  }
}
