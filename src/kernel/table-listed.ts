/**
 * What blocklists name: the last questions of the gate, and what they lead to.
 *
 * A hash for each length of blocks, and a question for each to every packet that no ban has caught.
 * An interval set would be one question, and is no way: libnftables reads every element of every
 * interval set before it adds one to any. Beside one of 200,000 intervals a ban takes four seconds
 * of CPU, and beside a million elements of hashes a fifth of a millisecond.
 *
 * A load makes sets of its own beside those of the load before, and the rules go over to them in one
 * transaction, so that no packet meets a half.
 */
import { formatWords, IPV4_MAPPED_WORD } from "../net/address-words.ts";
import type { Chain } from "./table-chain.ts";
import type { ListedSet, TableOptions } from "./table-options.ts";
import { encodeIpv6Mask } from "./table-source-keys.ts";

const LISTED_NAME = /^listed(?<family>[46])_(?<bits>\d{1,3})_(?<load>\d{1,9})$/;

/** The name of the set of one length; `load` tells those of one load from those of another. */
export function listedName(family: 4 | 6, bits: number, load: number): string {
  return `listed${family}_${bits}_${load}`;
}

/** @returns what the name of a set says; undefined where it is none of ours. */
export function parseListedName(name: string): Omit<ListedSet, "size"> | undefined {
  const groups = LISTED_NAME.exec(name)?.groups;
  if (groups === undefined) return undefined;
  return { name, family: groups["family"] === "4" ? 4 : 6, bits: Number(groups["bits"]) };
}

/** @returns a number that none of these sets has in its name. */
export function nextLoad(standing: readonly ListedSet[]): number {
  const loads = standing.map(({ name }) => Number(LISTED_NAME.exec(name)?.groups?.["load"] ?? 0));
  return Math.max(0, ...loads) + 1;
}

/** Asked after the bans, which are fewer questions. */
export function askListed({ listed = [] }: TableOptions, family: 4 | 6): string[] {
  const own = listed.filter((set) => set.family === family);
  if (own.length === 0) return [];
  return [
    "# What blocklists name, by the length of its blocks; no ban has caught the packet.",
    ...own.map((set) => `${keyOf(set)} @${set.name} goto listed`),
  ];
}

/** What becomes of it: as with a ban, and counted apart. */
export function listedChains({ listed = [] }: TableOptions): Chain[] {
  if (listed.length === 0) return [];
  return [
    {
      name: "listed",
      rules: [
        'ip saddr @trusted4 counter name "trusted" accept',
        'ip6 saddr @trusted6 counter name "trusted" accept',
        'counter name "listed" drop',
      ],
    },
  ];
}

function keyOf({ family, bits }: ListedSet): string {
  if (family === 6) return bits === 128 ? "ip6 saddr" : `ip6 saddr & ${encodeIpv6Mask(bits)}`;
  if (bits === 32) return "ip saddr";
  const mask = (0xffff_ffff << (32 - bits)) >>> 0;
  return `ip saddr & ${formatWords(Uint32Array.of(0, 0, IPV4_MAPPED_WORD, mask))}`;
}
