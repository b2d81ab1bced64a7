/**
 * What is never banned whoever it belongs to, and what is too wide for one act.
 *
 * These rules need no list and no kernel, so that they hold before anything has been read.
 */
import { familyOfPrefix, lengthOf, type Prefix, parsePrefix } from "../../net/prefix.ts";
import { PrefixSet } from "../../net/prefix-set.ts";

/** The widest prefix for one ban or one act of trust. Bits, by address family. */
const WIDEST_BITS = { 4: 8, 6: 32 } as const;

/** Not a single sender's address (RFC 6890, RFC 5771, RFC 4291 section 2.4). */
const NO_SENDERS = new PrefixSet<string>();
for (const [text, what] of [
  ["0.0.0.0/8", "unspecified"],
  ["127.0.0.0/8", "loopback"],
  ["224.0.0.0/4", "multicast"],
  ["255.255.255.255", "broadcast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  // Shorter than /96, or it would be IPv4 by now: a disguise of the whole IPv4 Internet.
  ["::/64", "IPv4 inside IPv6"],
  ["ff00::/8", "multicast"],
] as const) {
  NO_SENDERS.add(known(text), what);
}

/** @returns why `prefix` is too wide for one act; undefined when it is not. */
export function whyTooWide(prefix: Prefix): string | undefined {
  const widestBits = WIDEST_BITS[familyOfPrefix(prefix)];
  return lengthOf(prefix) < widestBits ? `${prefix} is wider than a /${widestBits}` : undefined;
}

/** @returns why no sender of `prefix` is ever banned; undefined when nothing forbids it. */
export function whyNeverBanned(prefix: Prefix): string | undefined {
  const noSender = NO_SENDERS.overlapping(prefix);
  if (noSender === undefined) return whyTooWide(prefix);
  return whyTooWide(prefix) ?? `${prefix} is not a sender's address: ${noSender.label}`;
}

function known(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new TypeError(`not a prefix: ${text}`);
  return prefix;
}
