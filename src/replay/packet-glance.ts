/**
 * Tells at a glance that a packet is an ordinary TCP segment: most of a capture is, and nothing
 * else need be decoded of it.
 */
import { uint16At } from "../packet/network-order.ts";
import {
  IPV4_HEADER_MIN_BYTES,
  PROTOCOL_TCP,
  TCP_ACK,
  TCP_FIN,
  TCP_RST,
  TCP_SYN,
} from "../packet/spec.ts";

/** IPv4 without options, then a whole TCP header: RFC 791 section 3.1, RFC 9293 section 3.1. */
const HEADERS_BYTES = 40;
const VERSION_4_IHL_5 = 0x45;
const FLAGS_AT = 33;

/**
 * @returns whether the bytes from `start` to `end` begin with a whole IPv4 packet of TCP with ACK
 * and without SYN. False says nothing.
 */
export function isOrdinarySegment(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= HEADERS_BYTES &&
    bytes[start] === VERSION_4_IHL_5 &&
    bytes[start + 9] === PROTOCOL_TCP &&
    ((bytes[start + FLAGS_AT] as number) & (TCP_SYN | TCP_ACK)) === TCP_ACK &&
    ((bytes[start + 6] as number) & 0x3f) === 0 &&
    bytes[start + 7] === 0
  );
}

/** The source port of an ordinary segment that begins at `start`. */
export function ordinarySourcePort(bytes: Uint8Array, start: number): number {
  return uint16At(bytes, start + IPV4_HEADER_MIN_BYTES);
}

/** Whether an ordinary segment that begins at `start` has RST. */
export function isOrdinaryReset(bytes: Uint8Array, start: number): boolean {
  return ((bytes[start + FLAGS_AT] as number) & TCP_RST) !== 0;
}

/** Whether an ordinary segment that begins at `start` has FIN or RST. */
export function isOrdinaryEnd(bytes: Uint8Array, start: number): boolean {
  return ((bytes[start + FLAGS_AT] as number) & (TCP_FIN | TCP_RST)) !== 0;
}
