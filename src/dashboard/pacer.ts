/**
 * Does something again when that is wanted, however often it is: never twice at once, and with a pause
 * in between. A flood of events must not become a flood of questions, nor break off each answer.
 */

export interface Pacer {
  /** It is to be done once more from now on; at once if the pause is over. */
  want(): void;
  /** It is not begun any more. */
  stop(): void;
}

/** Time, for tests to give. */
export interface Timers {
  readonly nowMs: () => number;
  readonly later: (act: () => void, afterMs: number) => void;
}

const BROWSER: Timers = {
  nowMs: () => performance.now(),
  later: (act, afterMs) => void setTimeout(act, afterMs),
};

/**
 * @param act whatever becomes of it, it is done again when that is wanted: a fault of it is told by
 * the browser, and must not end all that comes after.
 * @param pauseMs from its end to the next beginning.
 */
export function createPacer(
  act: () => Promise<void>,
  pauseMs: number,
  { nowMs, later }: Timers = BROWSER,
): Pacer {
  let state: "idle" | "waiting" | "running" | "stopped" = "idle";
  let isWanted = false;
  let endedAtMs = Number.NEGATIVE_INFINITY;
  const run = async (): Promise<void> => {
    if (state !== "waiting") return;
    state = "running";
    isWanted = false;
    try {
      await act();
    } finally {
      endedAtMs = nowMs();
      if (!isStopped()) {
        state = "idle";
        if (isWanted) wait();
      }
    }
  };
  const wait = (): void => {
    state = "waiting";
    later(() => void run(), Math.max(0, endedAtMs + pauseMs - nowMs()));
  };
  const isStopped = (): boolean => state === "stopped";
  return {
    want() {
      isWanted = true;
      if (state === "idle") wait();
    },
    stop() {
      state = "stopped";
    },
  };
}
