/**
 * The time of a capture: that of the packet at hand.
 *
 * Packets need not come in the order of their times. The clock never goes back: a packet whose time
 * lies before that of an earlier one is taken to have come at that one's, so that nothing is judged
 * twice and no hold or ban ends early.
 */
import type { Clock } from "../../clock.ts";

export class VirtualClock implements Clock {
  readonly #startEpochMs: number;
  #nowEpochMs: number;

  /** @param startEpochMs the time of the first packet, where monotonic time is 0. */
  constructor(startEpochMs: number) {
    this.#startEpochMs = startEpochMs;
    this.#nowEpochMs = startEpochMs;
  }

  monotonicMs(): number {
    return this.#nowEpochMs - this.#startEpochMs;
  }

  epochMs(): number {
    return this.#nowEpochMs;
  }

  /** Goes to `epochMs`, unless that is in the past. @returns monotonic milliseconds. */
  advanceTo(epochMs: number): number {
    if (epochMs > this.#nowEpochMs) this.#nowEpochMs = epochMs;
    return this.monotonicMs();
  }
}
