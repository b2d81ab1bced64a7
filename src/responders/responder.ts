/**
 * What every way of carrying out an order must do.
 *
 * Calls arrive one at a time and in order. A responder asks the broker, which checks everything
 * again; it has no privilege of its own.
 */
import type { Order, Outcome } from "../model/order.ts";

export interface Responder {
  /** Stable name, as in logs and metric labels: "nftables". */
  readonly name: string;
  /** Never throws: a failure is an outcome. */
  apply(order: Order): Promise<Outcome>;
}
