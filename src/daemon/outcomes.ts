/** One outcome for several that carried out the same order. */
import type { Order, Outcome } from "../model/order.ts";

/**
 * In the order in which one outcome stands for all: who is shut out by one of them is shut out, and
 * who is still shut out by one of them is not let in.
 */
const RANKS = {
  ban: ["applied", "already-applied", "failed", "refused"],
  unban: ["failed", "refused", "applied", "already-applied"],
} as const;

/** @returns "refused" when there was nobody to carry it out. */
export function outcomeOfAll(outcomes: readonly Outcome[], act: Order["act"]): Outcome {
  const ranked = RANKS[act].flatMap((rank) => outcomes.find(({ status }) => status === rank) ?? []);
  return ranked[0] ?? { status: "refused", reason: "no key says how to shut anybody out" };
}
