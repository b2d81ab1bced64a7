/** One outcome for several that carried out the same order. */
import { OperationalError } from "../errors.ts";
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

/** Failures that are named one by one; the log has all of them. */
const MAX_NAMED = 5;

/**
 * @param failures "192.0.2.7: route: exit status 1", one for each source that is still shut out.
 * @throws {OperationalError} ERR_KERNEL when there are any, with how many were let in all the same.
 */
export function requireNoFailures(failures: readonly string[], ended: number): void {
  if (failures.length === 0) return;
  const more = failures.length - MAX_NAMED;
  const lines = [...failures.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${more} more`] : [])];
  const what = `${failures.length} could not be let in, ${ended} were`;
  throw new OperationalError("ERR_KERNEL", `${what}:\n${lines.join("\n")}`);
}
