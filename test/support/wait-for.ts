/**
 * Waits for a condition of the outside world, and never for a length of time.
 *
 * A bare sleep is either too short on a busy machine or a waste on an idle one; a condition with a
 * time-out is neither, and its failure says what never came. Time-outs are long, 30 s as a rule:
 * whoever passes does not pay for them, and a slow machine does not fail by them.
 */
import { setTimeout as pause } from "node:timers/promises";

/** Pause between two looks at the condition, unless the caller says otherwise. Milliseconds. */
const POLL_MS = 50;

/**
 * Asks `look` again and again until it answers with something other than undefined or false.
 * @param what is missing, for the failure; a function when that is known only then.
 * @returns that answer. @throws {Error} naming `what` when it has not come after `timeoutMs`.
 */
export async function waitFor<Value>(
  what: string | (() => string),
  timeoutMs: number,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
  pollMs: number = POLL_MS,
): Promise<Value> {
  const endsAtMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endsAtMs) {
      const missing = typeof what === "string" ? what : what();
      throw new Error(`after ${timeoutMs} ms still not: ${missing}`);
    }
    await pause(pollMs);
  }
}

/**
 * Lets real time pass where time itself is what the test is about: the 11 s between two passes, the
 * seconds during which nothing may happen.
 */
export async function letPass(ms: number): Promise<void> {
  await pause(ms);
}
