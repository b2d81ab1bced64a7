/** Tells the status once a second for as long as somebody listens, with what came in that second. */
import { type Clock, systemClock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import type { LiveEvent, StatusView } from "./contract.ts";
import { LiveFeed } from "./live-feed.ts";
import type { Operator } from "./operator.ts";

/** Pause (ms) between two readings. */
const STATUS_EVERY_MS = 1000;

export interface LiveStatusParts {
  readonly operator: Pick<Operator, "status">;
  /** Told of every error that is no OperationalError. */
  readonly onDefect: (error: unknown) => void;
  readonly clock?: Clock;
}

interface Reading {
  readonly status: StatusView;
  readonly atMs: number;
}

/** A feed that begins with the status; others publish into it, too. */
export function createLiveFeed({ operator, onDefect, clock = systemClock }: LiveStatusParts) {
  let timer: NodeJS.Timeout | undefined;
  let last: Reading | undefined;
  let isAsking = false;
  const tell = async (): Promise<void> => {
    // An answer that takes longer than the pause is not asked for twice.
    if (isAsking) return;
    isAsking = true;
    try {
      const reading = { status: await operator.status(), atMs: clock.monotonicMs() };
      const at = new Date(clock.epochMs()).toISOString();
      feed.publish({ kind: "status", at, status: reading.status, rates: ratesOf(last, reading) });
      last = reading;
    } catch (error) {
      // The broker has had too many requests in this second; the next will do.
      if (!(error instanceof OperationalError)) onDefect(error);
    } finally {
      isAsking = false;
    }
  };
  const feed: LiveFeed = new LiveFeed((isListenedTo) => {
    clearInterval(timer);
    last = undefined;
    if (!isListenedTo) return;
    timer = setInterval(() => void tell(), STATUS_EVERY_MS);
    void tell();
  });
  return feed;
}

/** @returns null for the first, and where the counts began anew. */
function ratesOf(
  last: Reading | undefined,
  { status, atMs }: Reading,
): Extract<LiveEvent, { kind: "status" }>["rates"] {
  if (last === undefined || atMs <= last.atMs) return null;
  const seconds = (atMs - last.atMs) / 1000;
  const since = (count: "probes" | "verdicts" | "holds" | "dropped") =>
    Math.max(0, status[count] - last.status[count]) / seconds;
  return {
    probes_per_second: since("probes"),
    verdicts_per_second: since("verdicts"),
    holds_per_second: since("holds"),
    dropped_per_second: since("dropped"),
  };
}
