/**
 * What a ban does in a replay: it shuts its source out of the model of the kernel's gate, and
 * nobody anywhere else; and it is remembered, to be told. Whoever turns out to be a decoy is let in
 * again.
 *
 * It answers at once, so that the next packet of the same piece of a file meets the ban. What
 * forgers can make is bounded by the policy's budget a minute, and what is remembered by
 * {@link MAX_SOURCES} and {@link MAX_LISTED}.
 */
import type { Clock } from "../../clock.ts";
import { hasEnded } from "../../model/ban.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Order } from "../../model/order.ts";
import type { Prefix } from "../../net/prefix.ts";
import type { GateModel } from "../../replay/gate-model.ts";
import type { Applied, Responder } from "../../responders/responder.ts";

/** Sources whose bans are remembered, and bans of each; the first ones. */
const MAX_SOURCES = 100_000;
const MAX_LISTED = 32;

/** A ban that would have been made. */
export interface ReplayBan {
  readonly sinceEpochMs: number;
  /** undefined: for good. */
  readonly untilEpochMs: number | undefined;
  readonly evidence: Evidence;
  /** When the source was let in again before its time; undefined: it was not. */
  liftedAtEpochMs?: number;
}

export class ReplayResponder implements Responder {
  readonly name = "replay";
  readonly #gate: GateModel;
  readonly #clock: Clock;
  readonly #bans = new Map<Prefix, ReplayBan[]>();

  constructor(gate: GateModel, clock: Clock) {
    this.#gate = gate;
    this.#clock = clock;
  }

  apply(order: Order): Applied {
    if (order.act === "ban") {
      const { prefix, sinceEpochMs, untilEpochMs, evidence } = order.ban;
      const lifeMs = (untilEpochMs ?? Number.POSITIVE_INFINITY) - sinceEpochMs;
      this.#gate.ban(prefix, this.#clock.monotonicMs(), lifeMs);
      this.#remember(prefix, { sinceEpochMs, untilEpochMs, evidence });
    } else {
      this.#gate.unban(order.prefix, this.#clock.monotonicMs());
      this.#lift(order.prefix);
    }
    return { outcome: { status: "applied" }, means: ["nftables"], responses: [] };
  }

  /** @returns the bans of a source in the order in which they were made. */
  bansOf(source: Prefix): readonly ReplayBan[] {
    return this.#bans.get(source) ?? [];
  }

  /** What is lifted may be a later ban than the last that is listed, which then is over. */
  #lift(source: Prefix): void {
    const nowEpochMs = this.#clock.epochMs();
    const last = this.#bans.get(source)?.at(-1);
    if (last !== undefined && !hasEnded(last, nowEpochMs)) last.liftedAtEpochMs ??= nowEpochMs;
  }

  #remember(source: Prefix, ban: ReplayBan): void {
    const known = this.#bans.get(source);
    if (known === undefined) {
      if (this.#bans.size < MAX_SOURCES) this.#bans.set(source, [ban]);
    } else if (known.length < MAX_LISTED) {
      known.push(ban);
    }
  }
}
