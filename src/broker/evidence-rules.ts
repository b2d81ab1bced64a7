/**
 * What a ban may be by its evidence, whatever the guard says: the rules of PROOF at the lowest layer.
 *
 * A source that has proven nothing may be anybody's, so its ban names one source and no prefix, and
 * ends when the configuration says. An operator's ban is a person's word and has no such rules.
 * What a taken-over guard can still do: call everything proven, or an operator's wish; the budgets
 * of src/broker/ban-budget.ts bound that.
 */
import type { Evidence } from "../model/evidence.ts";
import { familyOfPrefix, lengthOf, type Prefix } from "../net/prefix.ts";
import type { BanItem } from "./protocol.ts";

/** The longest ban (ms) of a detector by its evidence; "none": nobody is banned on that. */
export type BanLimits = Readonly<Record<Evidence, number | "for-good" | "none">>;

/** What is asked about a ban. */
type AskedBan = Pick<BanItem, "prefix" | "timeoutMs" | "evidence" | "origin">;

/** @returns why the ban is wider than its evidence allows; undefined when it is not. */
export function whyTooWideFor(
  { prefix, evidence, origin }: Omit<AskedBan, "timeoutMs">,
  ipv6PrefixBits: number,
): string | undefined {
  if (origin === "operator" || evidence === "proven") return undefined;
  if (lengthOf(prefix) >= sourceBitsOf(prefix, ipv6PrefixBits)) return undefined;
  return `${prefix} is more than one source, and its evidence is ${evidence}`;
}

/** @returns why the ban is longer than its evidence allows; undefined when it is not. */
export function whyTooLongFor(ban: AskedBan, limits: BanLimits): string | undefined {
  const { evidence, origin, timeoutMs } = ban;
  if (origin === "operator") return undefined;
  const limit = limits[evidence];
  if (limit === "none") return `PROOF bans nobody on evidence ${evidence}`;
  if (limit === "for-good" || (timeoutMs !== null && timeoutMs <= limit)) return undefined;
  return `a ban on evidence ${evidence} lasts ${limit / 1000} s at most`;
}

function sourceBitsOf(prefix: Prefix, ipv6PrefixBits: number): number {
  return familyOfPrefix(prefix) === 4 ? 32 : ipv6PrefixBits;
}
