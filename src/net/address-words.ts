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

const IPV4_TEXT = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

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
  return ipv4 === undefined ? undefined : Uint32Array.of(0, 0, IPV4_MAPPED_WORD, ipv4);
}

/** @returns new words for `address`. */
export function wordsOf(address: IpAddress): AddressWords {
  const words = parseWords(address);
  if (words === undefined) throw new TypeError(`not a canonical address: ${address}`);
  return words;
}

/** @returns canonical text: a dotted quad for IPv4, RFC 5952 for IPv6. */
export function formatWords(words: AddressWords): IpAddress {
  const [first = 0, second = 0, third = 0, last = 0] = words;
  if (isIpv4Words(words)) {
    return `${last >>> 24}.${(last >>> 16) & 255}.${(last >>> 8) & 255}.${last & 255}` as IpAddress;
  }
  const groups = [first, second, third, last].flatMap((word) => [word >>> 16, word & 0xffff]);
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

function parseIpv4(text: string): number | undefined {
  const match = IPV4_TEXT.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (let part = 1; part <= 4; part += 1) {
    const octet = Number(match[part]);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
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
