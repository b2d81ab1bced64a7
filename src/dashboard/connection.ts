/**
 * How the page stands to the guard: what it is told of the stream of events, and what follows.
 *
 * Pure: times are given, nothing is asked for here. The pause before another attempt grows, so that
 * a hundred open pages do not press a guard that is just starting; the guard says something every
 * second, so that silence means that it, or the way to it, is gone.
 */

export type Connection =
  /** Asked for, and nothing heard yet; `attempts` that came to nothing before. */
  | {
      readonly status: "opening";
      readonly attempts: number;
      readonly sinceMs: number;
      readonly askedAtMs: number;
      readonly why: string | undefined;
    }
  | { readonly status: "live"; readonly heardAtMs: number }
  /**
   * `sinceMs`: when it was heard last, or first asked for. `why`: what the guard, or something before
   * it, has said instead; undefined: nobody answers.
   */
  | {
      readonly status: "gone";
      readonly attempts: number;
      readonly sinceMs: number;
      readonly againAtMs: number;
      readonly why: string | undefined;
    }
  /** Nobody sees the page: it holds no connection, of which a browser has six for all its pages. */
  | { readonly status: "resting"; readonly sinceMs: number }
  /** It asks for the token. */
  | { readonly status: "locked" };

/** Silence (ms) after which whoever says something every second is taken for gone. */
export const SILENT_MS = 6000;

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;

/** How long (ms) a page that is not seen goes on listening: tabs are changed to and fro. */
export const REST_AFTER_MS = 3000;

export function opened(nowMs: number): Connection {
  return { status: "opening", attempts: 0, sinceMs: nowMs, askedAtMs: nowMs, why: undefined };
}

/** Something has come. */
export function heard(nowMs: number): Connection {
  return { status: "live", heardAtMs: nowMs };
}

/** The stream has ended, or an attempt came to nothing. */
export function lost(before: Connection, nowMs: number, why: string | undefined): Connection {
  const attempts = "attempts" in before ? before.attempts : 0;
  return {
    status: "gone",
    attempts: attempts + 1,
    sinceMs: lastSignMs(before, nowMs),
    againAtMs: nowMs + pauseAfter(attempts),
    why,
  };
}

/** How long (ms) nothing is asked for after an attempt that came to nothing, and `before` it so many. */
export function pauseAfter(before: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(before, 10), LONGEST_PAUSE_MS);
}

/** It is asked for once more. */
export function retried(before: Connection, nowMs: number): Connection {
  const attempts = "attempts" in before ? before.attempts : 0;
  const why = "why" in before ? before.why : undefined;
  const sinceMs = lastSignMs(before, nowMs);
  return { status: "opening", attempts, sinceMs, askedAtMs: nowMs, why };
}

/** It does not listen until somebody sees the page. */
export function rested(before: Connection, nowMs: number): Connection {
  return { status: "resting", sinceMs: lastSignMs(before, nowMs) };
}

/** Whether it is time for another attempt. */
export function isDue(connection: Connection, nowMs: number): boolean {
  return connection.status === "gone" && nowMs >= connection.againAtMs;
}

/** Whether what should be heard every second is not, or a question is not answered at all. */
export function isSilent(connection: Connection, nowMs: number): boolean {
  if (connection.status === "opening") return nowMs - connection.askedAtMs > SILENT_MS;
  return connection.status === "live" && nowMs - connection.heardAtMs > SILENT_MS;
}

function lastSignMs(before: Connection, nowMs: number): number {
  if (before.status === "live") return before.heardAtMs;
  return before.status === "locked" ? nowMs : before.sinceMs;
}
