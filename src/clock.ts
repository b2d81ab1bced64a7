/**
 * The only reader of the machine's clocks.
 *
 * Two clocks, two names: `...AtMs` is monotonic, comparable within one run and never stored;
 * `...AtEpochMs` is wall time, which may jump, and is the only one that is ever stored.
 */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  epochMs(): number;
}

/**
 * The clocks of this machine.
 *
 * Who stores ends of bans must not meet a wall clock that somebody has set before these ends have
 * moved with it: bans would be over in between. So the wall clock can be held. It then goes on
 * evenly from where it was, whatever is done to the machine's, until it is held anew.
 */
class SystemClock implements Clock {
  /** What wall time is ahead of monotonic time; undefined: not held. */
  #aheadMs: number | undefined;

  monotonicMs(): number {
    return performance.now();
  }

  epochMs(): number {
    return this.#aheadMs === undefined ? Date.now() : Math.round(performance.now() + this.#aheadMs);
  }

  /** Milliseconds since 1970 by the machine's wall clock, held or not. */
  machineEpochMs(): number {
    return Date.now();
  }

  /** From now on `epochMs` goes on evenly from what the machine's wall clock says now. */
  hold(): void {
    this.#aheadMs = Date.now() - performance.now();
  }
}

export const systemClock = new SystemClock();
