/**
 * A source as text that sorts as addresses do, so that one index finds all sources inside a prefix.
 *
 * 32 hexadecimal digits, IPv4 in its mapped place (RFC 4291 section 2.5.5.2).
 */
import { wordsOf } from "../net/address-words.ts";
import { bits128Of, familyOfPrefix, firstAddressOf, type Prefix, prefixOf } from "../net/prefix.ts";

/** Keys of the first and the last address of a prefix. */
export interface KeyRange {
  readonly first: string;
  readonly last: string;
}

/** The widest blocks that are ever banned: those that hold a source are looked for up to here. */
const WIDEST_BITS = { 4: 8, 6: 16 } as const;

/** @returns the key of the lowest address of `source`. */
export function sourceKeyOf(source: Prefix): string {
  const words = wordsOf(firstAddressOf(source));
  return [...words].map((word) => word.toString(16).padStart(8, "0")).join("");
}

export function keyRangeOf(prefix: Prefix): KeyRange {
  const first = sourceKeyOf(prefix);
  const hostBits = 128 - bits128Of(prefix);
  const last = BigInt(`0x${first}`) | ((1n << BigInt(hostBits)) - 1n);
  return { first, last: last.toString(16).padStart(32, "0") };
}

/** @returns the blocks that hold all of `prefix`, itself first, up to a v4 /8 and a v6 /16. */
export function blocksHolding(prefix: Prefix): Prefix[] {
  const family = familyOfPrefix(prefix);
  const address = firstAddressOf(prefix);
  const longest = bits128Of(prefix) - (family === 4 ? 96 : 0);
  const blocks: Prefix[] = [prefix];
  for (let bits = longest - 1; bits >= WIDEST_BITS[family]; bits -= 1) {
    blocks.push(prefixOf(address, bits));
  }
  return blocks;
}
