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

/** The clocks of this machine. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
};
