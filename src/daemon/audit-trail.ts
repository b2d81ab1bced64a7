/**
 * Keeps in the history who asked for which change, before the answer leaves: what somebody was told
 * outlives the process, however it ends.
 *
 * Where the disk takes nothing, the answer leaves all the same: a full disk must not keep anybody
 * from an unban. Whoever may change nothing decides how often he is turned away, so of those
 * {@link TURNED_AWAY} are kept, and the next one that is kept says how many were not.
 */
import type { AuditedRequest } from "../api/audit.ts";
import type { Clock } from "../clock.ts";
import type { Stories } from "../journal/stories.ts";
import { LONGEST_ASKED } from "../model/story-event.ts";
import { parseIpAddress } from "../net/ip-address.ts";
import { type Prefix, parsePrefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { SlidingWindow } from "../sliding-window.ts";
import { sourceOf } from "./addresses.ts";

/** In 90 days, JOURNAL_AGE's default, some 60 MB of JOURNAL_SIZE's 512. */
const TURNED_AWAY = { limit: 20, windowMs: 600_000 };

/** Answers to whoever may not ask. */
const AWAY = new Set([401, 403, 429]);

export interface AuditTrailParts {
  readonly stories: Pick<Stories, "keepEvent" | "flush">;
  readonly keys: SourceKeys;
  readonly clock: Clock;
}

export class AuditTrail {
  readonly #parts: AuditTrailParts;
  readonly #turnedAway = new SlidingWindow(TURNED_AWAY);
  #leftOut = 0;

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
  }

  keep({ caller, request, status, asked, outcome, ended }: AuditedRequest): void {
    const { stories, clock } = this.#parts;
    if (AWAY.has(status) && !this.#turnedAway.take(clock.monotonicMs())) {
      this.#leftOut += 1;
      return;
    }
    // Room for it, whatever waits.
    stories.flush("events");
    stories.keepEvent({
      atEpochMs: Math.round(clock.epochMs()),
      source: this.#sourceOf(asked?.["address"]),
      campaignId: undefined,
      detail: {
        kind: "request",
        caller,
        request,
        status,
        asked: asked === undefined ? "" : cut(JSON.stringify(asked)),
        ...(outcome === undefined ? {} : { outcome }),
        ...(ended === undefined ? {} : { ended }),
        ...(this.#leftOut === 0 ? {} : { leftOut: this.#leftOut }),
      },
    });
    this.#leftOut = 0;
    stories.flush("events");
  }

  #sourceOf(address: unknown): Prefix | undefined {
    if (typeof address !== "string") return undefined;
    const text = address.trim();
    const isOne = parseIpAddress(text) !== undefined || parsePrefix(text) !== undefined;
    return isOne ? sourceOf(text, this.#parts.keys) : undefined;
  }
}

/** A character of two halves is not cut in the middle. */
function cut(text: string): string {
  return text === "{}" ? "" : text.slice(0, LONGEST_ASKED).toWellFormed();
}
