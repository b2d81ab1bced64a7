/**
 * One address as canonical text: what logs, tables and commands show.
 *
 * Two texts of one address are the same string, so `===` compares addresses. IPv4-mapped IPv6
 * (::ffff:192.0.2.1) is the IPv4 address.
 */
import { formatWords, parseWords } from "./address-words.ts";

/** Canonical text: a dotted quad, or RFC 5952. Made by {@link parseIpAddress} or formatWords. */
export type IpAddress = string & { readonly __brand: "IpAddress" };

/** The version number of the Internet Protocol. */
export type IpFamily = 4 | 6;

/**
 * @returns undefined when `text` is not an address: surrounding blanks, short forms ("192.0.2"),
 * octal or hexadecimal parts and zones ("fe80::1%eth0") are refused.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const words = parseWords(text);
  return words === undefined ? undefined : formatWords(words);
}

/** @returns 6 for IPv6; an IPv4-mapped address is never left as IPv6. */
export function familyOf(address: IpAddress): IpFamily {
  return address.includes(":") ? 6 : 4;
}
