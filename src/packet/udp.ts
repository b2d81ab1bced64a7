/** Decodes the UDP header (RFC 768). The checksum is not verified. */
import type { DecodeOutcome } from "./decode-outcome.ts";
import { uint16At } from "./network-order.ts";
import type { PacketHeader } from "./packet-header.ts";
import { UDP_HEADER_BYTES } from "./spec.ts";

/** Fills the UDP fields from the bytes `into.transportOffset` to `end`. */
export function decodeUdp(bytes: Uint8Array, end: number, into: PacketHeader): DecodeOutcome {
  const offset = into.transportOffset;
  if (end - offset < UDP_HEADER_BYTES) return "truncated";
  if (!isLengthPossible(uint16At(bytes, offset + 4), into)) return "malformed";
  into.transport = "udp";
  into.sourcePort = uint16At(bytes, offset);
  into.destinationPort = uint16At(bytes, offset + 2);
  into.payloadOffset = offset + UDP_HEADER_BYTES;
  return "decoded";
}

function isLengthPossible(lengthBytes: number, header: PacketHeader): boolean {
  // RFC 2675 section 4: 0 means "to the end of the packet", in IPv6 only.
  if (lengthBytes === 0) return header.version === 6;
  if (lengthBytes < UDP_HEADER_BYTES) return false;
  // A first fragment carries the length of the whole datagram.
  return header.isFragment || header.transportOffset + lengthBytes <= header.packetEndOffset;
}
