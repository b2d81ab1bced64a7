/**
 * What is never taken from a blocklist, whatever it says.
 *
 * Lists for routers at the edge of the Internet name what has no place there: FireHOL's level 1 has
 * 10.0.0.0/8, 192.168.0.0/16 and 127.0.0.0/8. On a server these are the neighbours, the containers,
 * the tunnel that its administrator comes through. So such space is cut out of what a list says, and
 * blocks that are wider than a registry gives to one owner are not taken at all.
 */
import { type AddressWords, parseWords } from "../../net/address-words.ts";
import type { PrefixRows } from "../../net/prefix-rows.ts";

/** The widest block that is taken from a list. Bits, by address family. */
export const WIDEST_LISTED_BITS = { 4: 8, 6: 16 } as const;

const WITHHELD = {
  4: [
    "0.0.0.0/8", // This network, RFC 791 section 3.2.
    "10.0.0.0/8", // Private, RFC 1918 section 3, as are 172.16 and 192.168.
    "100.64.0.0/10", // Between a provider and its customers, RFC 6598; overlay networks use it.
    "127.0.0.0/8", // Loopback, RFC 1122 section 3.2.1.3.
    "169.254.0.0/16", // Link-local, RFC 3927; clouds have their metadata there.
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3", // Multicast, reserved, broadcast: RFC 5771, RFC 1112 section 4.
  ],
  6: [
    "::/8", // Unspecified, loopback, IPv4 in IPv6, NAT64: RFC 4291 section 2.5, RFC 6052.
    "fc00::/7", // Unique local, RFC 4193.
    "fe80::/10", // Link-local, RFC 4291 section 2.5.6.
    "ff00::/8", // Multicast, RFC 4291 section 2.7.
  ],
} as const;

interface Block {
  readonly words: AddressWords;
  readonly bits: number;
}

/** The same in words, and the words that an address of the family has of its own. */
const FAMILIES = {
  4: { firstWord: 3, withheld: WITHHELD[4].map(blockOf) },
  6: { firstWord: 0, withheld: WITHHELD[6].map(blockOf) },
} as const;

/** What became of a block: some of it may be withheld, and the rest added. */
export type Taking = "added" | "cut" | "withheld" | "too-wide";

/** Adds of a block what may be listed. `words` are changed and put back. */
export function takeListed(
  rows: PrefixRows,
  words: AddressWords,
  bits: number,
  origin: number,
): Taking {
  if (bits < WIDEST_LISTED_BITS[rows.family]) return "too-wide";
  const { firstWord, withheld } = FAMILIES[rows.family];
  let isCut = false;
  for (const block of withheld) {
    const shared = sharedBits(words, block.words, firstWord, Math.min(bits, block.bits));
    if (shared >= block.bits) return "withheld";
    if (shared >= bits) isCut = true;
  }
  if (!isCut) {
    rows.add(words, bits, origin);
    return "added";
  }
  takeListed(rows, words, bits + 1, origin);
  const index = firstWord + (bits >>> 5);
  const other = (1 << (31 - (bits & 31))) >>> 0;
  words[index] = (words[index] as number) | other;
  takeListed(rows, words, bits + 1, origin);
  words[index] = (words[index] as number) & ~other;
  return "cut";
}

function sharedBits(a: AddressWords, b: AddressWords, firstWord: number, limit: number): number {
  for (let index = 0; index * 32 < limit; index += 1) {
    const difference = (a[firstWord + index] as number) ^ (b[firstWord + index] as number);
    if (difference !== 0) return Math.min(limit, index * 32 + Math.clz32(difference));
  }
  return limit;
}

function blockOf(text: string): Block {
  const [address = "", length = ""] = text.split("/");
  const words = parseWords(address);
  if (words === undefined) throw new TypeError(`not an address: ${address}`);
  return { words, bits: Number(length) };
}
