/**
 * Keeps what this member publishes within what the others take: src/fleet/member-limits.ts.
 *
 * They count by the time at which the server stored a record, this one by the time at which it is
 * sent, and a network may hold some and deliver them together. So the windows here are laid wider
 * and hold less. What has no room waits in the spool, and is not lost.
 */
import { SlidingWindow } from "../sliding-window.ts";
import { RATE_WINDOW_MS } from "./act-rate.ts";
import { BANS_A_MINUTE } from "./member-limits.ts";
import type { FleetBody } from "./record.ts";

/** Records of a kind in any window. */
export const SENT_A_WINDOW = BANS_A_MINUTE - 10;

/** How long a record may be on its way without this member being over its quota. Milliseconds. */
export const TRANSIT_MS = 5000;

const WINDOW = { limit: SENT_A_WINDOW, windowMs: RATE_WINDOW_MS + TRANSIT_MS };

export class SendQuota {
  readonly #bans = new SlidingWindow(WINDOW);
  readonly #tombstones = new SlidingWindow(WINDOW);

  /** @returns how long until the body may be sent, 0: now. Counts nothing. @param nowMs monotonic. */
  waitMs(body: FleetBody, nowMs: number): number {
    return this.#windowOf(body)?.waitMs(nowMs) ?? 0;
  }

  /** Counts the body as sent, if it may be. @returns whether it may. @param nowMs monotonic. */
  take(body: FleetBody, nowMs: number): boolean {
    return this.#windowOf(body)?.take(nowMs) ?? true;
  }

  #windowOf(body: FleetBody): SlidingWindow | undefined {
    if (body.kind === "ban") return this.#bans;
    return body.kind === "unban" && body.isTombstone ? this.#tombstones : undefined;
  }
}
