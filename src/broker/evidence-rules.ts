/**
 * What a ban may be by its evidence, whatever the guard says: the rules of PROOF at the lowest layer.
 *
 * A detector's ban names one source and no prefix, whatever its evidence, and ends when the
 * configuration says for it. An operator's ban is a person's word and has no such rules.
 * What a taken-over guard can still do: call everything proven, or an operator's wish; the budgets
 * of src/broker/ban-budget.ts bound that.
 */
import type { Evidence } from "../model/evidence.ts";
import { familyOfPrefix, lengthOf, type Prefix } from "../net/prefix.ts";
import type { BanItem } from "./ban-schema.ts";

/** The longest ban (ms) of a detector by its evidence; "none": nobody is banned on that. */
export type BanLimits = Readonly<Record<Evidence, number | "for-good" | "none">>;

/** What is asked about a ban. */
type AskedBan = Pick<BanItem, "prefix" | "timeoutMs" | "evidence" | "origin">;

/**
 * What is judged, and what proves itself, is one source: no detector has more to say of others.
 * @returns why the ban is wider than one; undefined when it is not.
 */
export function whyMoreThanOne(
  { prefix, origin }: Pick<AskedBan, "prefix" | "origin">,
  ipv6PrefixBits: number,
): string | undefined {
  if (origin === "operator") return undefined;
  if (lengthOf(prefix) >= sourceBitsOf(prefix, ipv6PrefixBits)) return undefined;
  return `${prefix} is more than one source, and a person has to ask for that`;
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
