/**
 * Bans in the kernel's sets, through the broker.
 *
 * Fails closed on the guard's side only: an order that the broker refuses or cannot carry out is
 * told as such and never recorded as a ban.
 */

import { MAX_TIMEOUT_MS } from "../broker/ban-schema.ts";
import type { BrokerClient } from "../broker/client.ts";
import { OperationalError } from "../errors.ts";
import { isDone, type Order } from "../model/order.ts";
import type { Applied, Responder } from "./responder.ts";

/**
 * How long (ms) a ban has to last from `nowEpochMs` on, within what the broker takes; null: for
 * good. A clock that stands at 1970, as at the boot of a machine without one, makes no ban longer
 * than the protocol allows, and refuses none.
 */
export function remainingMs(untilEpochMs: number | undefined, nowEpochMs: number): number | null {
  if (untilEpochMs === undefined) return null;
  return Math.min(MAX_TIMEOUT_MS, Math.max(1000, Math.round(untilEpochMs - nowEpochMs)));
}

/** What the responder needs of the broker. */
type BanRequests = Pick<BrokerClient, "ban" | "unban">;

export interface NftablesResponderOptions {
  /** NFT_BAN: whether verdicts ban in the kernel. Bans by command always do. */
  readonly bansVerdicts: boolean;
}

export class NftablesResponder implements Responder {
  readonly name = "nftables";
  readonly #broker: BanRequests;
  readonly #options: NftablesResponderOptions;
  readonly #epochMs: () => number;

  constructor(broker: BanRequests, options: NftablesResponderOptions, epochMs: () => number) {
    this.#broker = broker;
    this.#options = options;
    this.#epochMs = epochMs;
  }

  async apply(order: Order): Promise<Applied | undefined> {
    if (order.act === "ban" && !this.#bans(order)) return undefined;
    try {
      const outcomes =
        order.act === "unban"
          ? await this.#broker.unban([order.prefix])
          : await this.#broker.ban([this.#item(order)]);
      const outcome = outcomes[0] ?? { status: "failed", reason: "the broker gave no answer" };
      const isBan = order.act === "ban" && isDone(outcome);
      return { outcome, means: isBan ? ["nftables"] : [], responses: [] };
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      return { outcome: { status: "failed", reason: error.message }, means: [], responses: [] };
    }
  }

  #bans({ cause }: Extract<Order, { act: "ban" }>): boolean {
    return cause === undefined || (this.#options.bansVerdicts && cause.block === 1);
  }

  #item({ ban }: Extract<Order, { act: "ban" }>) {
    const { prefix, evidence, origin, untilEpochMs } = ban;
    const timeoutMs = remainingMs(untilEpochMs, this.#epochMs());
    return {
      prefix,
      timeoutMs,
      evidence,
      origin: origin === "operator" ? origin : "detector",
    } as const;
  }
}
