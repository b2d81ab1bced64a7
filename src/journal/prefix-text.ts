/**
 * How the texts of all prefixes inside a prefix begin, so that an index over these texts finds them.
 *
 * IPv4 is exact down to a /24. In IPv6 a run of zeros is written "::", and a length within a group
 * may mean too many beginnings: then they are wider, and others fit besides. Whoever asks has to
 * look at each text that fits.
 */
import { wordsOf } from "../net/address-words.ts";
import { bits128Of, familyOfPrefix, firstAddressOf, type Prefix } from "../net/prefix.ts";

/** Values of one part of an address that are told apart; more of them are one wider beginning. */
const MOST_VALUES = 256;

/** @returns at most 264 beginnings, of which none is another's. */
export function textStartsInside(prefix: Prefix): string[] {
  return familyOfPrefix(prefix) === 4 ? startsOfIpv4(prefix) : startsOfIpv6(prefix);
}

function startsOfIpv4(prefix: Prefix): string[] {
  const bits = bits128Of(prefix) - 96;
  const octets = firstAddressOf(prefix).split(".").map(Number);
  const whole = Math.min(bits >> 3, 3);
  const start = octets
    .slice(0, whole)
    .map((octet) => `${octet}.`)
    .join("");
  if (whole === 3) return [start];
  const first = octets[whole] ?? 0;
  const values = 1 << (8 - (bits & 7));
  return Array.from({ length: values }, (_, index) => `${start}${first + index}.`);
}

function startsOfIpv6(prefix: Prefix): string[] {
  const bits = bits128Of(prefix);
  const groups = [...wordsOf(firstAddressOf(prefix))].flatMap((word) => [
    word >>> 16,
    word & 0xffff,
  ]);
  const starts: string[] = [];
  let start = "";
  // A zero group is written as such, or a run of zeros begins with it that hides what follows.
  const hidden = () => (start === "" ? "::" : `${start}:`);
  // Behind the last group no colon follows.
  const whole = Math.min(bits >> 4, 7);
  for (const group of groups.slice(0, whole)) {
    if (group === 0) starts.push(hidden());
    start += `${group.toString(16)}:`;
  }
  const values = 1 << (16 - Math.min(bits - whole * 16, 16));
  if (whole === 7 || values > MOST_VALUES) return [...starts, start];
  const first = groups[whole] ?? 0;
  if (first === 0) starts.push(hidden());
  for (let index = 0; index < values; index += 1) {
    starts.push(`${start}${(first + index).toString(16)}:`);
  }
  return starts;
}
