/**
 * Makes one set of many rows: no block holds another, and halves that are both there are one block.
 *
 * What comes out holds exactly the addresses that went in, in as few blocks as can be. A million
 * IPv4 rows take a fifth of a second of CPU, which is one turn of the event loop.
 */
import type { IpFamily } from "./ip-address.ts";
import { PrefixRows } from "./prefix-rows.ts";

/** Lengths of IPv4 blocks need six bits of a sort key; the address is in the 32 above them. */
const LENGTH_STEPS = 64;

/** @returns the blocks in the order of their addresses, all with the origin 0. */
export function mergeRows(family: IpFamily, parts: readonly PrefixRows[]): PrefixRows {
  return family === 4 ? mergeIpv4(parts) : mergeIpv6(parts);
}

/** Sorts numbers and no objects: five times as quick as with a function that compares. */
function mergeIpv4(parts: readonly PrefixRows[]): PrefixRows {
  const keys = new Float64Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    for (let row = 0; row < part.length; row += 1) {
      keys[at] = part.word(row, 0) * LENGTH_STEPS + part.bits(row);
      at += 1;
    }
  }
  keys.sort();
  const merged = new PrefixRows(4);
  for (const key of keys) {
    merged.addIpv4(Math.floor(key / LENGTH_STEPS), key % LENGTH_STEPS, 0);
    settleLast(merged);
  }
  return merged;
}

function mergeIpv6(parts: readonly PrefixRows[]): PrefixRows {
  const all = new PrefixRows(6);
  for (const part of parts) for (let row = 0; row < part.length; row += 1) all.addRow(part, row);
  const order = Uint32Array.from({ length: all.length }, (_, row) => row);
  order.sort((a, b) => all.compare(a, b));
  const merged = new PrefixRows(6);
  for (const row of order) {
    merged.addRow(all, row);
    settleLast(merged);
  }
  return merged;
}

/** Takes the last row out where the one before it holds it, and joins halves for as long as it can. */
function settleLast(rows: PrefixRows): void {
  for (let last = rows.length - 1; last > 0; last -= 1) {
    const before = last - 1;
    const bits = rows.bits(last);
    const shared = rows.sharedBits(before, last, bits);
    const isInside = shared >= rows.bits(before);
    const isOtherHalf = rows.bits(before) === bits && shared === bits - 1;
    if (!isInside && !isOtherHalf) return;
    rows.cutTo(last);
    if (isInside) return;
    rows.widen(before);
  }
}
