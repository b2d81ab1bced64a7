/**
 * Sums up the options of a TCP header (RFC 9293 section 3.1): which kinds there are, and a digest of
 * them as sent.
 *
 * Tools that write their own packets send one string of options always, and no stack sends the same
 * ones in the same order; so a digest tells them without a copy of the bytes. It is no secret and no
 * proof: a sender can choose options that have any digest.
 */
import {
  HAS_MAXIMUM_SEGMENT_SIZE,
  HAS_OTHER_OPTION,
  HAS_SACK_PERMITTED,
  HAS_TIMESTAMPS,
  HAS_UNREADABLE_OPTION,
  HAS_WINDOW_SCALE,
} from "../net/tcp-option-kinds.ts";
import { uint8At } from "./network-order.ts";
import {
  OPTION_DIGEST_PRIME,
  OPTION_DIGEST_START,
  TCP_OPTION_END,
  TCP_OPTION_MAXIMUM_SEGMENT_SIZE,
  TCP_OPTION_NO_OPERATION,
  TCP_OPTION_SACK_PERMITTED,
  TCP_OPTION_TIMESTAMPS,
  TCP_OPTION_WINDOW_SCALE,
} from "./spec.ts";

/**
 * @param isCut whether the sender wrote more of them than stand from `start` to `end`.
 * @returns bits of net/tcp-option-kinds.ts.
 */
export function kindsOfTcpOptions(
  bytes: Uint8Array,
  start: number,
  end: number,
  isCut: boolean,
): number {
  return kindsWithin(bytes, start, end) | (isCut ? HAS_UNREADABLE_OPTION : 0);
}

/** @returns FNV-1a, 32 bits, over the options from `start` to `end`; 0 when there are none. */
export function digestOfTcpOptions(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  let digest = OPTION_DIGEST_START;
  for (let at = start; at < end; at += 1) {
    digest = Math.imul(digest ^ uint8At(bytes, at), OPTION_DIGEST_PRIME);
  }
  return digest >>> 0;
}

function kindsWithin(bytes: Uint8Array, start: number, end: number): number {
  let kinds = 0;
  for (let at = start; at < end; ) {
    const kind = uint8At(bytes, at);
    if (kind === TCP_OPTION_END) break;
    if (kind === TCP_OPTION_NO_OPERATION) {
      at += 1;
      continue;
    }
    const optionBytes = at + 1 < end ? uint8At(bytes, at + 1) : 0;
    // Kind and length are two bytes, so a shorter option would never let this end.
    if (optionBytes < 2 || at + optionBytes > end) return kinds | HAS_UNREADABLE_OPTION;
    kinds |= bitOf(kind);
    at += optionBytes;
  }
  return kinds;
}

function bitOf(kind: number): number {
  switch (kind) {
    case TCP_OPTION_MAXIMUM_SEGMENT_SIZE:
      return HAS_MAXIMUM_SEGMENT_SIZE;
    case TCP_OPTION_WINDOW_SCALE:
      return HAS_WINDOW_SCALE;
    case TCP_OPTION_SACK_PERMITTED:
      return HAS_SACK_PERMITTED;
    case TCP_OPTION_TIMESTAMPS:
      return HAS_TIMESTAMPS;
    default:
      return HAS_OTHER_OPTION;
  }
}
