/**
 * Addresses as four 32-bit words: what packets, tables and masks are computed with.
 *
 * IPv4 stands in its IPv4-mapped place, ::ffff:0:0/96 (RFC 4291 section 2.5.5.2), so that one
 * table serves both families. A mapped address on the wire is therefore the IPv4 address.
 */
import ipaddr from "ipaddr.js";
import type { IpAddress } from "./ip-address.ts";

/** 128 bits in four words, most significant first. Always of length 4. */
export type AddressWords = Uint32Array;

/** Bits before an IPv4 address in its mapped place. */
export const IPV4_MAPPED_BITS = 96;

/** The third word of an IPv4 address; the two before it are 0. */
export const IPV4_MAPPED_WORD = 0xffff;

/** Six groups of four digits with their colons, and a dotted quad. Longer text is not parsed. */
const LONGEST_IPV6_TEXT = 45;

const DOT = 0x2e;
const DIGIT_ZERO = 0x30;

/** @returns whether the words are an IPv4 address. */
export function isIpv4Words(words: AddressWords): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === IPV4_MAPPED_WORD;
}

/**
 * Reads an address as people write it. IPv4 is four decimal parts without leading zeros: a part
 * such as 010 is octal to some programs and decimal to others, so it is no address here.
 * @returns undefined when `text` is no address, or names a zone ("fe80::1%eth0"): a zone means
 * something on one machine only and no packet carries it.
 */
export function parseWords(text: string): AddressWords | undefined {
  if (text.includes(":")) return parseIpv6(text);
  const ipv4 = parseIpv4(text);
  if (ipv4 === undefined) return undefined;
  const words = new Uint32Array(4);
  words[2] = IPV4_MAPPED_WORD;
  words[3] = ipv4;
  return words;
}

/** @returns new words for `address`. */
export function wordsOf(address: IpAddress): AddressWords {
  const words = parseWords(address);
  if (words === undefined) throw new TypeError(`not a canonical address: ${address}`);
  return words;
}

/** As {@link wordsOf}, to words that are there. Allocates nothing for IPv4. */
export function writeWords(address: IpAddress, into: AddressWords): void {
  const ipv4 = parseIpv4(address);
  if (ipv4 === undefined) {
    into.set(wordsOf(address));
    return;
  }
  into[0] = 0;
  into[1] = 0;
  into[2] = IPV4_MAPPED_WORD;
  into[3] = ipv4;
}

/** @returns canonical text: a dotted quad for IPv4, RFC 5952 for IPv6. */
export function formatWords(words: AddressWords): IpAddress {
  if (isIpv4Words(words)) {
    const last = words[3] as number;
    return `${last >>> 24}.${(last >>> 16) & 255}.${(last >>> 8) & 255}.${last & 255}` as IpAddress;
  }
  const groups = [...words].flatMap((word) => [word >>> 16, word & 0xffff]);
  return new ipaddr.IPv6(groups).toRFC5952String() as IpAddress;
}

/**
 * Writes the first `bits128` bits of `words`, and zeros behind them, to `into`, which may be
 * `words` itself. 0 to 128, counted from the start of the 128 bits: an IPv4 /24 is 120.
 * Allocates nothing.
 */
export function maskWords(words: AddressWords, bits128: number, into: AddressWords): void {
  for (let index = 0; index < 4; index += 1) {
    const kept = bits128 - index * 32;
    const word = words[index] as number;
    if (kept >= 32) into[index] = word;
    else into[index] = kept <= 0 ? 0 : word & (0xffffffff << (32 - kept));
  }
}

/**
 * @returns how many leading bits `a` and `b` have in common, at most `limit` (0 to 128).
 * Allocates nothing.
 */
export function sharedBits(a: AddressWords, b: AddressWords, limit: number): number {
  for (let index = 0; index * 32 < limit; index += 1) {
    const difference = (a[index] as number) ^ (b[index] as number);
    if (difference !== 0) return Math.min(limit, index * 32 + Math.clz32(difference));
  }
  return limit;
}

/** By hand: with an expression it is four times as long, and a start reads a million bans. */
function parseIpv4(text: string): number | undefined {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || dots === 3) return undefined;
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      dots += 1;
      continue;
    }
    const digit = code - DIGIT_ZERO;
    const isAfterZero = digits > 0 && octet === 0;
    if (digit < 0 || digit > 9 || isAfterZero) return undefined;
    octet = octet * 10 + digit;
    digits += 1;
    if (octet > 255) return undefined;
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : undefined;
}

function parseIpv6(text: string): AddressWords | undefined {
  if (text.length > LONGEST_IPV6_TEXT || text.includes("%")) return undefined;
  const hex = dottedTailToHex(text);
  if (hex === undefined || !ipaddr.IPv6.isValid(hex)) return undefined;
  const { parts } = ipaddr.IPv6.parse(hex);
  return Uint32Array.from({ length: 4 }, (_, index) => {
    return (parts[index * 2] as number) * 0x10000 + (parts[index * 2 + 1] as number);
  });
}

/**
 * ipaddr.js reads 01 and 0x1 as octets and takes ::192.0.2.1 for ::ffff:192.0.2.1, so it never
 * gets to see a dotted tail: an ignore file must not trust an address that it does not name.
 */
function dottedTailToHex(text: string): string | undefined {
  if (!text.includes(".")) return text;
  const tailStart = text.lastIndexOf(":") + 1;
  const ipv4 = parseIpv4(text.slice(tailStart));
  if (ipv4 === undefined) return undefined;
  const groups = `${(ipv4 >>> 16).toString(16)}:${(ipv4 & 0xffff).toString(16)}`;
  return text.slice(0, tailStart) + groups;
}
