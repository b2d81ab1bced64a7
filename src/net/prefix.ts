/**
 * A block of addresses as canonical text: what is judged, banned and trusted.
 *
 * The length is always written and host bits are zero, so `===` compares prefixes. The families
 * are apart: ::/0 holds every IPv6 address and no IPv4 address, though IPv4 has its place among
 * the 128 bits.
 */
import {
  type AddressWords,
  formatWords,
  IPV4_MAPPED_BITS,
  isIpv4Words,
  maskWords,
  parseWords,
  sharedBits,
  wordsOf,
} from "./address-words.ts";
import { familyOf, type IpAddress, type IpFamily } from "./ip-address.ts";

/** "192.0.2.0/24", "2001:db8::/32"; made only by the functions of this file. */
export type Prefix = string & { readonly __brand: "Prefix" };

const SLASH = 0x2f;
const DIGIT_ZERO = 0x30;

const LENGTH_TEXT = /^(?:0|[1-9]\d{0,2})$/;

/**
 * Reads "192.0.2.7/24" as 192.0.2.0/24, and a bare address as /32 or /128. An IPv4-mapped block of
 * /96 or longer is IPv4: ::ffff:192.0.2.0/120 is 192.0.2.0/24.
 * @returns undefined when the address or the length is none; dotted masks (/255.255.255.0) and
 * lengths with leading zeros are refused.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  const addressText = slash < 0 ? text : text.slice(0, slash);
  const words = parseWords(addressText);
  if (words === undefined) return undefined;
  if (slash < 0) return maskedPrefix(words, 128);
  const lengthText = text.slice(slash + 1);
  if (!LENGTH_TEXT.test(lengthText)) return undefined;
  const isIpv6Text = addressText.includes(":");
  const bits128 = (isIpv6Text ? 0 : IPV4_MAPPED_BITS) + Number(lengthText);
  if (bits128 > 128) return undefined;
  // IPv4 has one spelling, so that without host bits it is its own canonical text.
  if (!isIpv6Text && bits128 === 128) return text as Prefix;
  return maskedPrefix(words, bits128);
}

/**
 * @returns the block of `bits` bits around `address`: 0 to 32 for IPv4, 0 to 128 for IPv6.
 * Any other `bits` is a bug and throws RangeError.
 */
export function prefixOf(address: IpAddress, bits: number): Prefix {
  return prefixOfWords(wordsOf(address), bits);
}

/** @returns the block of one address: its /32 or /128. */
export function hostPrefixOf(address: IpAddress): Prefix {
  return `${address}/${familyOf(address) === 4 ? 32 : 128}` as Prefix;
}

/** As {@link prefixOf}, for an address in words, which are left as they are. */
export function prefixOfWords(words: AddressWords, bits: number): Prefix {
  const bitsBefore = isIpv4Words(words) ? IPV4_MAPPED_BITS : 0;
  if (!Number.isInteger(bits) || bits < 0 || bitsBefore + bits > 128) {
    throw new RangeError(`no prefix length of ${formatWords(words)}: ${bits}`);
  }
  return maskedPrefix(words, bitsBefore + bits);
}

/** @returns the length in the family's own terms: 0 to 32, or 0 to 128. */
export function lengthOf(prefix: Prefix): number {
  // From the end, at most three digits: without a text of its own, because it is asked so often.
  let bits = 0;
  let place = 1;
  for (let at = prefix.length - 1; at > 0 && prefix.charCodeAt(at) !== SLASH; at -= 1) {
    bits += place * (prefix.charCodeAt(at) - DIGIT_ZERO);
    place *= 10;
  }
  return bits;
}

/** @returns the length counted from the start of the 128 bits: 192.0.2.0/24 has 120. */
export function bits128Of(prefix: Prefix): number {
  return lengthOf(prefix) + (familyOfPrefix(prefix) === 4 ? IPV4_MAPPED_BITS : 0);
}

/** @returns the lowest address of the block. */
export function firstAddressOf(prefix: Prefix): IpAddress {
  return prefix.slice(0, prefix.indexOf("/")) as IpAddress;
}

/** @returns 6 for IPv6, also for ::/0, which holds no IPv4 address. */
export function familyOfPrefix(prefix: Prefix): IpFamily {
  return prefix.includes(":") ? 6 : 4;
}

/** @returns whether `address` is in the block; never across families. */
export function prefixContains(prefix: Prefix, address: IpAddress): boolean {
  if (familyOfPrefix(prefix) !== familyOf(address)) return false;
  const bits128 = bits128Of(prefix);
  return sharedBits(wordsOf(firstAddressOf(prefix)), wordsOf(address), bits128) === bits128;
}

/** @returns whether the blocks have an address in common, which means that one holds the other. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  if (familyOfPrefix(a) !== familyOfPrefix(b)) return false;
  const shorterBits128 = Math.min(bits128Of(a), bits128Of(b));
  const shared = sharedBits(wordsOf(firstAddressOf(a)), wordsOf(firstAddressOf(b)), shorterBits128);
  return shared === shorterBits128;
}

/** @returns whether `part` lies in `whole` and is not all of it. */
export function isInside(part: Prefix, whole: Prefix): boolean {
  return bits128Of(part) > bits128Of(whole) && prefixesOverlap(part, whole);
}

/** @returns the text for people: a block of one address is shown as that address. */
export function formatPrefix(prefix: Prefix): string {
  return bits128Of(prefix) === 128 ? firstAddressOf(prefix) : prefix;
}

function maskedPrefix(words: AddressWords, bits128: number): Prefix {
  const masked = new Uint32Array(4);
  maskWords(words, bits128, masked);
  // A shorter mask clears part of the mapped marker, so what is still IPv4 has at least 96 bits.
  const length = isIpv4Words(masked) ? bits128 - IPV4_MAPPED_BITS : bits128;
  return `${formatWords(masked)}/${length}` as Prefix;
}
