/** Decodes the TCP header (RFC 9293 section 3.1). The checksum is not verified. */
import type { DecodeOutcome } from "./decode-outcome.ts";
import { uint8At, uint16At, uint32At } from "./network-order.ts";
import type { PacketHeader } from "./packet-header.ts";
import { TCP_HEADER_MIN_BYTES } from "./spec.ts";

/**
 * Fills the TCP fields from the bytes `into.transportOffset` to `end`.
 *
 * Options that lie beyond `end` are left out and the packet is still decoded: flags and ports are
 * what a probe is judged by, and padding must not hide them. A first fragment of 8 bytes
 * (nmap -f) has ports but no flags, so it is truncated; the kernel puts datagrams together before
 * the input hook, so a sensor there never sees one.
 */
export function decodeTcp(bytes: Uint8Array, end: number, into: PacketHeader): DecodeOutcome {
  const offset = into.transportOffset;
  if (end - offset < TCP_HEADER_MIN_BYTES) return "truncated";
  const headerBytes = (uint8At(bytes, offset + 12) >>> 4) * 4;
  if (headerBytes < TCP_HEADER_MIN_BYTES) return "malformed";
  into.transport = "tcp";
  into.sourcePort = uint16At(bytes, offset);
  into.destinationPort = uint16At(bytes, offset + 2);
  into.tcpSequence = uint32At(bytes, offset + 4);
  into.tcpAcknowledgement = uint32At(bytes, offset + 8);
  into.tcpFlags = uint8At(bytes, offset + 13);
  into.tcpWindow = uint16At(bytes, offset + 14);
  const heldBytes = Math.min(headerBytes, end - offset);
  into.placeTcpOptions(
    bytes,
    offset + TCP_HEADER_MIN_BYTES,
    heldBytes - TCP_HEADER_MIN_BYTES,
    headerBytes > heldBytes,
  );
  into.payloadOffset = offset + headerBytes;
  return "decoded";
}
