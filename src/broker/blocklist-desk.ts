/**
 * Answers the guard's questions about blocklists. Nothing of it changes anything.
 *
 * Who looks for an address goes through every entry, some milliseconds with two million of them, so
 * that is bounded by {@link LOOKS_PER_MINUTE}.
 */
import { SlidingWindow } from "../sliding-window.ts";
import type { BlocklistKeeper } from "./blocklists/blocklist-keeper.ts";
import type { BrokerReply, RequestNamed } from "./protocol.ts";

const MINUTE_MS = 60_000;

const LOOKS_PER_MINUTE = 60;

/** What is asked of the lists; undefined where there is no nftables. */
export type FindBlocklists = () => Pick<BlocklistKeeper, "summary" | "listings"> | undefined;

export class BlocklistDesk {
  readonly #find: FindBlocklists;
  readonly #looks = new SlidingWindow({ limit: LOOKS_PER_MINUTE, windowMs: MINUTE_MS });

  constructor(find: FindBlocklists) {
    this.#find = find;
  }

  /** `nowMs`: monotonic. */
  answer(request: RequestNamed<"blocklists"> | RequestNamed<"listed">, nowMs: number): BrokerReply {
    const { id } = request;
    if (request.request === "blocklists") {
      return { id, reply: "blocklists", summary: this.#find()?.summary ?? null };
    }
    if (!this.#looks.take(nowMs)) {
      const reason = `more than ${LOOKS_PER_MINUTE} looks into blocklists a minute`;
      return { id, reply: "malformed", reason };
    }
    return { id, reply: "listed", listings: this.#find()?.listings(request.address) ?? [] };
  }
}
