/**
 * Reads nft's listings: bans from the four sets, counters, and how many sources are held.
 *
 * Used by the broker, and by commands that work as root without a guard. Elements that we would not
 * have made (ranges, other people's) are passed over. Source: libnftables-json(5); expiry is in
 * whole seconds, rounded down.
 */
import { z } from "zod";
import { OperationalError } from "../../errors.ts";
import type { Nftables } from "../../kernel/nftables.ts";
import { TABLE } from "../../kernel/table-sets.ts";
import { type Prefix, parsePrefix } from "../../net/prefix.ts";
import type { KernelCounters } from "../protocol.ts";
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
const listedCounter = z.object({ name: z.string(), packets: z.number() });

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

/** Sources held at this moment. @throws {OperationalError} ERR_KERNEL as {@link listBans}. */
export function countHeld(nft: NftLister): number {
  let held = 0;
  for (const set of ["held4", "held6"]) {
    const outcome = nft.run(`list set ${TABLE} ${set}`);
    if (outcome.status === "failed") throw unlistable(set, outcome.reason);
    // Each element has one, and counting costs a fraction of parsing a quarter of a million.
    held += outcome.output.split(" expires ").length - 1;
  }
  return held;
}

/** The named counters. @throws {OperationalError} ERR_KERNEL when there is no table. */
export function readCounters(nft: NftLister): KernelCounters {
  const outcome = nft.runJson(`list counters table ${TABLE}`);
  if (outcome.status === "failed") throw unlistable("the counters", outcome.reason);
  const packets = new Map<string, number>();
  for (const { counter } of listing.parse(outcome.output).nftables) {
    const parsed = listedCounter.safeParse(counter).data;
    if (parsed !== undefined) packets.set(parsed.name, parsed.packets);
  }
  const of = (name: string) => packets.get(name) ?? 0;
  return {
    holds: of("holds"),
    refused: of("refused"),
    shutOut: of("shut_out"),
    trusted: of("trusted"),
    full: of("full"),
    unlogged: of("unlogged"),
  };
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
