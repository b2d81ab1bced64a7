/**
 * Writes a TCP segment with its IPv4 or IPv6 header: what we answer without a socket of the stack.
 *
 * The bytes go into memory that the caller uses again and again; nothing is allocated. Addresses,
 * ports and numbers are what a probe said, so that a forger chooses where an answer goes: whoever
 * sends bounds how often. Nothing of a probe but these fields gets into a segment.
 *
 * Source: RFC 791 section 3.1, RFC 8200 sections 3 and 8.1, RFC 9293 section 3.1, RFC 1071.
 */
import { type AddressWords, isIpv4Words } from "../net/address-words.ts";
import { uint8At, uint16At, writeUint16, writeUint32 } from "./network-order.ts";
import {
  IPV4_DONT_FRAGMENT,
  IPV4_HEADER_MIN_BYTES,
  IPV6_HEADER_BYTES,
  PROTOCOL_TCP,
  SENT_TTL_HOPS,
  TCP_HEADER_MIN_BYTES,
  TCP_OPTIONS_MAX_BYTES,
} from "./spec.ts";

/** What goes into a segment. Both addresses are of one family. */
export interface TcpSegment {
  /** Who it seems to come from. */
  readonly source: AddressWords;
  readonly destination: AddressWords;
  /** 0 to 65535, both. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 0 to 4294967295, both. */
  readonly sequence: number;
  readonly acknowledgement: number;
  /** The octet of control bits, TCP_* of spec.ts. */
  readonly flags: number;
  /** 0 to 65535, not scaled. */
  readonly window: number;
  /** As they go onto the wire, padded: a multiple of 4 bytes, 0 to 40. */
  readonly options: Uint8Array;
  /** Data behind the header. Bytes; with the headers no more than `into` holds. */
  readonly payload: Uint8Array;
}

/** Memory that holds any segment without data, and some data. Bytes. */
export const SEGMENT_BUFFER_BYTES = 1280;

/**
 * Writes the whole packet to the beginning of `into`. Addresses of two families, options of a wrong
 * length and what does not fit are bugs of the caller and throw RangeError.
 * @returns its length in bytes.
 */
export function encodeTcpSegment(segment: TcpSegment, into: Uint8Array): number {
  const isIpv4 = isIpv4Words(segment.source);
  const start = isIpv4 ? IPV4_HEADER_MIN_BYTES : IPV6_HEADER_BYTES;
  const tcpBytes = TCP_HEADER_MIN_BYTES + segment.options.length + segment.payload.length;
  refuseMistakes(segment, isIpv4, start + tcpBytes, into);
  if (isIpv4) writeIpv4(segment, start + tcpBytes, into);
  else writeIpv6(segment, tcpBytes, into);
  writeTcp(segment, start, into);
  const pseudoHeader =
    sumOfWords(segment.source, isIpv4) +
    sumOfWords(segment.destination, isIpv4) +
    PROTOCOL_TCP +
    tcpBytes;
  const sum = pseudoHeader + sumOfBytes(into, start, start + tcpBytes);
  writeUint16(into, start + 16, checksumOf(sum));
  return start + tcpBytes;
}

function refuseMistakes(
  { destination, options }: TcpSegment,
  isIpv4: boolean,
  totalBytes: number,
  into: Uint8Array,
): void {
  if (isIpv4Words(destination) !== isIpv4) throw new RangeError("addresses of two families");
  if (options.length % 4 !== 0 || options.length > TCP_OPTIONS_MAX_BYTES) {
    throw new RangeError(`no length of TCP options: ${options.length}`);
  }
  if (totalBytes > into.length) throw new RangeError(`no room for ${totalBytes} bytes`);
}

/** The identification may be 0 where a packet is never fragmented (RFC 6864 section 4.1). */
function writeIpv4(segment: TcpSegment, totalBytes: number, into: Uint8Array): void {
  into.fill(0, 0, IPV4_HEADER_MIN_BYTES);
  into[0] = 0x45;
  writeUint16(into, 2, totalBytes);
  writeUint16(into, 6, IPV4_DONT_FRAGMENT);
  into[8] = SENT_TTL_HOPS;
  into[9] = PROTOCOL_TCP;
  writeUint32(into, 12, segment.source[3] as number);
  writeUint32(into, 16, segment.destination[3] as number);
  writeUint16(into, 10, checksumOf(sumOfBytes(into, 0, IPV4_HEADER_MIN_BYTES)));
}

function writeIpv6(segment: TcpSegment, tcpBytes: number, into: Uint8Array): void {
  writeUint32(into, 0, 0x6000_0000);
  writeUint16(into, 4, tcpBytes);
  into[6] = PROTOCOL_TCP;
  into[7] = SENT_TTL_HOPS;
  for (let index = 0; index < 4; index += 1) {
    writeUint32(into, 8 + index * 4, segment.source[index] as number);
    writeUint32(into, 24 + index * 4, segment.destination[index] as number);
  }
}

/** Its checksum is left 0. */
function writeTcp(segment: TcpSegment, start: number, into: Uint8Array): void {
  const headerBytes = TCP_HEADER_MIN_BYTES + segment.options.length;
  writeUint16(into, start, segment.sourcePort);
  writeUint16(into, start + 2, segment.destinationPort);
  writeUint32(into, start + 4, segment.sequence);
  writeUint32(into, start + 8, segment.acknowledgement);
  into[start + 12] = (headerBytes / 4) << 4;
  into[start + 13] = segment.flags;
  writeUint16(into, start + 14, segment.window);
  // Checksum and urgent pointer.
  writeUint32(into, start + 16, 0);
  into.set(segment.options, start + TCP_HEADER_MIN_BYTES);
  into.set(segment.payload, start + headerBytes);
}

/** Sum of an address's 16-bit words, not yet folded. */
function sumOfWords(words: AddressWords, isIpv4: boolean): number {
  let sum = 0;
  for (let index = isIpv4 ? 3 : 0; index < 4; index += 1) {
    const word = words[index] as number;
    sum += (word >>> 16) + (word & 0xffff);
  }
  return sum;
}

/** Sum of 16-bit words, not yet folded; an odd byte at the end is a word with a zero behind it. */
function sumOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at + 1 < end; at += 2) sum += uint16At(bytes, at);
  return (end - start) % 2 === 0 ? sum : sum + (uint8At(bytes, end - 1) << 8);
}

function checksumOf(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + (rest >>> 16);
  return ~rest & 0xffff;
}
