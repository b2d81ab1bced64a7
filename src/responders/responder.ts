/**
 * What every way of carrying out an order must do.
 *
 * Orders on one source arrive one at a time and in order. A responder asks the broker, which checks
 * everything again; it has no privilege of its own.
 */
import type { LegacyResponse } from "../broker/executors/deed.ts";
import type { BanMeans } from "../model/ban.ts";
import type { Order, Outcome } from "../model/order.ts";

/** What became of an order with one responder. */
export interface Applied {
  readonly outcome: Outcome;
  /** By what the source is shut out since; empty where it is not. */
  readonly means: readonly BanMeans[];
  /** PortSentry's responses one by one, for people; empty where there were none. */
  readonly responses: readonly LegacyResponse[];
}

export interface Responder {
  /** Stable name, as in logs and metric labels: "nftables". */
  readonly name: string;
  /**
   * Never rejects: a failure is an outcome. What needs nobody else is answered at once.
   * @returns undefined when the order is not for it.
   */
  apply(order: Order): Promise<Applied | undefined> | Applied | undefined;
}
