/**
 * What is never banned whoever it belongs to, and what is too wide for one act.
 *
 * These rules need no list and no kernel, so that they hold before anything has been read.
 */
import {
  familyOfPrefix,
  lengthOf,
  type Prefix,
  parsePrefix,
  prefixesOverlap,
} from "../../net/prefix.ts";

/** The widest prefix for one ban or one act of trust. Bits, by address family. */
const WIDEST_BITS = { 4: 8, 6: 32 } as const;

/** Not a single sender's address (RFC 6890, RFC 5771, RFC 4291 section 2.4). */
const NO_SENDERS: readonly { readonly prefix: Prefix; readonly what: string }[] = [
  { prefix: known("0.0.0.0/8"), what: "unspecified" },
  { prefix: known("127.0.0.0/8"), what: "loopback" },
  { prefix: known("224.0.0.0/4"), what: "multicast" },
  { prefix: known("255.255.255.255/32"), what: "broadcast" },
  { prefix: known("::/128"), what: "unspecified" },
  { prefix: known("::1/128"), what: "loopback" },
  // Shorter than /96, or it would be IPv4 by now: a disguise of the whole IPv4 Internet.
  { prefix: known("::/64"), what: "IPv4 inside IPv6" },
  { prefix: known("ff00::/8"), what: "multicast" },
];

/** @returns why `prefix` is too wide for one act; undefined when it is not. */
export function whyTooWide(prefix: Prefix): string | undefined {
  const widestBits = WIDEST_BITS[familyOfPrefix(prefix)];
  return lengthOf(prefix) < widestBits ? `${prefix} is wider than a /${widestBits}` : undefined;
}

/** @returns why no sender of `prefix` is ever banned; undefined when nothing forbids it. */
export function whyNeverBanned(prefix: Prefix): string | undefined {
  const noSender = NO_SENDERS.find((entry) => prefixesOverlap(entry.prefix, prefix));
  if (noSender !== undefined) return `${prefix} is not a sender's address: ${noSender.what}`;
  return whyTooWide(prefix);
}

function known(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new TypeError(`not a prefix: ${text}`);
  return prefix;
}
