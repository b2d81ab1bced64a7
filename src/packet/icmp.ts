/**
 * Decodes the beginning of an ICMP message (RFC 792) or an ICMPv6 message (RFC 4443 section 2.1).
 *
 * The type alone is read: it says whether somebody asks or answers. What stands behind it is what
 * the sender wrote, quoted packets of others included, and is evidence of nothing. The checksum is
 * not verified.
 */
import type { DecodeOutcome } from "./decode-outcome.ts";
import { uint8At } from "./network-order.ts";
import type { PacketHeader } from "./packet-header.ts";
import { ICMP_HEADER_BYTES, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "./spec.ts";

/** Whether the protocol is the ICMP of the packet's own family; the other one's is none. */
export function isIcmp({ version, protocol }: PacketHeader): boolean {
  return protocol === (version === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6);
}

/** Fills the type from the bytes `into.transportOffset` to `end`. */
export function decodeIcmp(bytes: Uint8Array, end: number, into: PacketHeader): DecodeOutcome {
  const offset = into.transportOffset;
  if (end - offset < ICMP_HEADER_BYTES) return "truncated";
  into.icmpType = uint8At(bytes, offset);
  return "other-protocol";
}
