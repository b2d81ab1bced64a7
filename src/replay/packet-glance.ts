/**
 * Tells at a glance that a packet is an ordinary TCP segment: most of a capture is, and nothing
 * else need be decoded of it.
 */
import { uint16At, uint32At } from "../packet/network-order.ts";
import {
  IPV4_HEADER_MIN_BYTES,
  PROTOCOL_TCP,
  TCP_ACK,
  TCP_FIN,
  TCP_HEADER_MIN_BYTES,
  TCP_RST,
  TCP_SYN,
} from "../packet/spec.ts";

/** IPv4 without options, then a whole TCP header: RFC 791 section 3.1, RFC 9293 section 3.1. */
const HEADERS_BYTES = 40;
const VERSION_4_IHL_5 = 0x45;
const SEQUENCE_AT = 24;
const ACKNOWLEDGEMENT_AT = 28;
const DATA_OFFSET_AT = 32;
const FLAGS_AT = 33;

/**
 * @returns whether the bytes from `start` to `end` begin with a whole IPv4 packet of TCP with ACK
 * and without SYN, whose lengths fit. False says nothing.
 */
export function isOrdinarySegment(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= HEADERS_BYTES &&
    bytes[start] === VERSION_4_IHL_5 &&
    bytes[start + 9] === PROTOCOL_TCP &&
    ((bytes[start + FLAGS_AT] as number) & (TCP_SYN | TCP_ACK)) === TCP_ACK &&
    ((bytes[start + 6] as number) & 0x3f) === 0 &&
    bytes[start + 7] === 0 &&
    haveHeadersRoom(bytes, start)
  );
}

/** Whether both headers are as long as they have to be, and end within the packet's own length. */
function haveHeadersRoom(bytes: Uint8Array, start: number): boolean {
  const tcpHeaderBytes = ((bytes[start + DATA_OFFSET_AT] as number) >>> 4) * 4;
  return (
    tcpHeaderBytes >= TCP_HEADER_MIN_BYTES &&
    uint16At(bytes, start + 2) >= IPV4_HEADER_MIN_BYTES + tcpHeaderBytes
  );
}

/** The addresses of an ordinary segment that begins at `start`, as numbers. */
export function ordinarySource(bytes: Uint8Array, start: number): number {
  return uint32At(bytes, start + 12);
}

export function ordinaryDestination(bytes: Uint8Array, start: number): number {
  return uint32At(bytes, start + 16);
}

/** Its ports. */
export function ordinarySourcePort(bytes: Uint8Array, start: number): number {
  return uint16At(bytes, start + IPV4_HEADER_MIN_BYTES);
}

export function ordinaryDestinationPort(bytes: Uint8Array, start: number): number {
  return uint16At(bytes, start + IPV4_HEADER_MIN_BYTES + 2);
}

/** Its sequence number. */
export function ordinarySequence(bytes: Uint8Array, start: number): number {
  return uint32At(bytes, start + SEQUENCE_AT);
}

/** What it acknowledges. */
export function ordinaryAcknowledgement(bytes: Uint8Array, start: number): number {
  return uint32At(bytes, start + ACKNOWLEDGEMENT_AT);
}

/** Whether an ordinary segment that begins at `start` has RST. */
export function isOrdinaryReset(bytes: Uint8Array, start: number): boolean {
  return ((bytes[start + FLAGS_AT] as number) & TCP_RST) !== 0;
}

/** Whether an ordinary segment that begins at `start` has FIN or RST. */
export function isOrdinaryEnd(bytes: Uint8Array, start: number): boolean {
  return ((bytes[start + FLAGS_AT] as number) & (TCP_FIN | TCP_RST)) !== 0;
}
