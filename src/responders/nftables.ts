/**
 * Bans in the kernel's sets, through the broker.
 *
 * Fails closed on the guard's side only: an order that the broker refuses or cannot carry out is
 * told as such and never recorded as a ban.
 */
import type { BrokerClient } from "../broker/client.ts";
import type { Order, Outcome } from "../model/order.ts";
import type { Responder } from "./responder.ts";

/** What the responder needs of the broker. */
type BanRequests = Pick<BrokerClient, "ban" | "unban">;

export class NftablesResponder implements Responder {
  readonly name = "nftables";
  readonly #broker: BanRequests;
  readonly #epochMs: () => number;

  constructor(broker: BanRequests, epochMs: () => number) {
    this.#broker = broker;
    this.#epochMs = epochMs;
  }

  async apply(order: Order): Promise<Outcome> {
    try {
      const outcomes =
        order.act === "unban"
          ? await this.#broker.unban([order.prefix])
          : await this.#broker.ban([this.#item(order)]);
      return outcomes[0] ?? { status: "failed", reason: "the broker gave no answer" };
    } catch (error) {
      return { status: "failed", reason: error instanceof Error ? error.message : String(error) };
    }
  }

  #item({ ban }: Extract<Order, { act: "ban" }>) {
    const { prefix, evidence, origin, untilEpochMs } = ban;
    const timeoutMs =
      untilEpochMs === undefined ? null : Math.max(1000, untilEpochMs - this.#epochMs());
    return {
      prefix,
      timeoutMs,
      evidence,
      origin: origin === "operator" ? origin : "detector",
    } as const;
  }
}
