/**
 * TCP segments of a capture file that tcpdump wrote on an Ethernet interface.
 *
 * An oracle of its own: it shares no code with the decoders under test, and reads only what leak
 * counting needs. Packets that are not TCP, and those cut short, are passed over. Classic format,
 * written on this machine, so little-endian with microseconds (pcap-savefile(5)).
 */
export interface Segment {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** The flag octet (RFC 9293 section 3.1). */
  readonly flags: number;
  readonly seenAtEpochMs: number;
}

export const TCP_SYN = 0x02;
export const TCP_ACK = 0x10;

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
export const ETHERNET_BYTES = 14;
const IPV6_HEADER_BYTES = 40;
const TCP_HEADER_BYTES = 20;
const PROTOCOL_TCP = 6;
const MAGIC_LITTLE_ENDIAN = 0xa1b2c3d4;

/** Eight groups without leading zeros: enough to tell addresses apart, not RFC 5952. */
function formatIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index));
  return groups.map((group) => group.toString(16)).join(":");
}

function decodeFrame(frame: Buffer, seenAtEpochMs: number): Segment | undefined {
  const packet = frame.subarray(ETHERNET_BYTES);
  if (packet.length === 0) return undefined;
  const version = packet.readUInt8(0) >> 4;
  const headerBytes = version === 6 ? IPV6_HEADER_BYTES : (packet.readUInt8(0) & 15) * 4;
  if (packet.length < headerBytes + TCP_HEADER_BYTES) return undefined;
  if (packet.readUInt8(version === 6 ? 6 : 9) !== PROTOCOL_TCP) return undefined;
  const tcp = packet.subarray(headerBytes);
  const [source, destination] =
    version === 6
      ? [formatIpv6(packet.subarray(8, 24)), formatIpv6(packet.subarray(24, 40))]
      : [packet.subarray(12, 16).join("."), packet.subarray(16, 20).join(".")];
  return {
    source,
    destination,
    sourcePort: tcp.readUInt16BE(0),
    destinationPort: tcp.readUInt16BE(2),
    sequence: tcp.readUInt32BE(4),
    acknowledgement: tcp.readUInt32BE(8),
    flags: tcp.readUInt8(13),
    seenAtEpochMs,
  };
}

/**
 * The frames of a capture in the order in which they passed, each a part of `file`. @throws {Error}
 * on another format.
 */
export function* framesOf(file: Buffer): Generator<{ frame: Buffer; seenAtEpochMs: number }> {
  if (file.readUInt32LE(0) !== MAGIC_LITTLE_ENDIAN)
    throw new Error("not a capture of this machine");
  let offset = FILE_HEADER_BYTES;
  while (offset + RECORD_HEADER_BYTES <= file.length) {
    const seenAtEpochMs = file.readUInt32LE(offset) * 1000 + file.readUInt32LE(offset + 4) / 1000;
    const frameBytes = file.readUInt32LE(offset + 8);
    offset += RECORD_HEADER_BYTES;
    yield { frame: file.subarray(offset, offset + frameBytes), seenAtEpochMs };
    offset += frameBytes;
  }
}

/**
 * The TCP segments of a capture in the order in which they passed. @throws {Error} on another
 * format.
 */
export function decodeCapture(file: Buffer): Segment[] {
  const segments: Segment[] = [];
  for (const { frame, seenAtEpochMs } of framesOf(file)) {
    const segment = decodeFrame(frame, seenAtEpochMs);
    if (segment) segments.push(segment);
  }
  return segments;
}
