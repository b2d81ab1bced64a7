/**
 * Reads nft's listings of the four ban sets.
 *
 * For commands that work as root without a guard, and for what an earlier run has left. Elements
 * that we would not have made (ranges, other people's) are passed over. Source:
 * libnftables-json(5); expiry is in whole seconds, rounded down.
 */
import { z } from "zod";
import { OperationalError } from "../../errors.ts";
import type { Nftables } from "../../kernel/nftables.ts";
import { TABLE } from "../../kernel/table-sets.ts";
import { type Prefix, parsePrefix } from "../../net/prefix.ts";
import { BAN_SETS, bannedByElement } from "./ban-sets.ts";

/** The part of {@link Nftables} that listings need. */
export type NftLister = Pick<Nftables, "run" | "runJson">;

/** A ban as the kernel has it. */
export interface ListedBan {
  readonly prefix: Prefix;
  /** What is left of it; undefined: for good. */
  readonly expiresMs: number | undefined;
}

const block = z.object({ prefix: z.object({ addr: z.string(), len: z.number().int() }) });
const bareElement = z.union([z.string(), block]);
const element = z.union([
  bareElement,
  z.object({ elem: z.object({ val: bareElement, expires: z.number().optional() }) }),
]);
const listing = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });
const listedSet = z.object({ elem: z.array(z.unknown()).default([]) });

/** @returns the standing bans in the JSON listing of one set. */
export function parseBanListing(json: unknown, ipv6PrefixBits: number): ListedBan[] {
  const bans: ListedBan[] = [];
  for (const { set } of listing.parse(json).nftables) {
    if (set === undefined) continue;
    for (const item of listedSet.parse(set).elem) {
      const parsed = element.safeParse(item).data;
      if (parsed === undefined) continue;
      const isTimed = typeof parsed === "object" && "elem" in parsed;
      const prefix = prefixOfElement(isTimed ? parsed.elem.val : parsed, ipv6PrefixBits);
      const expires = isTimed ? parsed.elem.expires : undefined;
      if (prefix === undefined) continue;
      bans.push({ prefix, expiresMs: expires === undefined ? undefined : expires * 1000 });
    }
  }
  return bans;
}

/**
 * The bans that stand, from the kernel itself. A million take seconds and some hundred megabytes:
 * for commands, not for a running guard.
 * @param sets default all four.
 * @throws {OperationalError} ERR_KERNEL when a set cannot be listed, for one because there is none.
 */
export function listBans(
  nft: NftLister,
  ipv6PrefixBits: number,
  sets: readonly (typeof BAN_SETS)[number][] = BAN_SETS,
): ListedBan[] {
  return sets.flatMap((set) => {
    const outcome = nft.runJson(`list set ${TABLE} ${set}`);
    if (outcome.status === "failed") throw unlistable(set, outcome.reason);
    // In the interval sets an address is an address, however it looks.
    return parseBanListing(outcome.output, set === "banned6" ? ipv6PrefixBits : 128);
  });
}

function prefixOfElement(
  value: z.output<typeof bareElement>,
  ipv6PrefixBits: number,
): Prefix | undefined {
  if (typeof value !== "string") return parsePrefix(`${value.prefix.addr}/${value.prefix.len}`);
  const address = parsePrefix(value);
  return address === undefined ? undefined : bannedByElement(address, ipv6PrefixBits);
}

function unlistable(what: string, reason: string): OperationalError {
  return new OperationalError("ERR_KERNEL", `${what} of ${TABLE} cannot be listed: ${reason}`);
}
