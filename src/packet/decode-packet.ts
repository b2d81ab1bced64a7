/**
 * Decodes one IP packet with its TCP or UDP header, or the type of its ICMP message: what every
 * sensor does first.
 *
 * The bytes come from anybody on the Internet. Nothing here throws, reads outside the given range
 * or allocates, whatever they are. They may be the beginning of a longer packet (NFLOG copies 256
 * bytes): headers count, payload need not be there.
 */
import type { DecodeOutcome } from "./decode-outcome.ts";
import { decodeIcmp, isIcmp } from "./icmp.ts";
import { decodeIpv4 } from "./ipv4.ts";
import { decodeIpv6 } from "./ipv6.ts";
import { uint8At } from "./network-order.ts";
import type { PacketHeader } from "./packet-header.ts";
import { PROTOCOL_TCP, PROTOCOL_UDP, UNKNOWN_END_OFFSET } from "./spec.ts";
import { decodeTcp } from "./tcp.ts";
import { decodeUdp } from "./udp.ts";

/**
 * Decodes the packet whose IP header begins at `start`; a link-layer header must have been skipped.
 * Bytes past the packet's own length (Ethernet padding) are passed over. The caller sees to it that
 * 0 <= `start` <= `end` <= `bytes.length`.
 */
export function decodePacket(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: PacketHeader,
): DecodeOutcome {
  into.clear();
  const outcome = decodeLayers(bytes, start, end, into);
  if (outcome === "decoded" && into.packetEndOffset !== UNKNOWN_END_OFFSET) {
    into.payloadBytes = Math.max(0, into.packetEndOffset - into.payloadOffset);
  }
  // The end of a fragment says nothing about the datagram; the end of a whole packet does.
  if (into.isFragment) return outcome;
  // A header that is missing although the whole packet is here was never sent.
  if (outcome === "truncated" && into.packetEndOffset <= end) return "malformed";
  if (outcome === "decoded" && into.payloadOffset > into.packetEndOffset) return "malformed";
  return outcome;
}

function decodeLayers(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: PacketHeader,
): DecodeOutcome {
  if (start >= end) return "truncated";
  const version = uint8At(bytes, start) >>> 4;
  if (version !== 4 && version !== 6) return "malformed";
  const network =
    version === 4 ? decodeIpv4(bytes, start, end, into) : decodeIpv6(bytes, start, end, into);
  if (network !== "decoded") return network;
  const packetEnd = Math.min(end, into.packetEndOffset);
  if (into.protocol === PROTOCOL_TCP) return decodeTcp(bytes, packetEnd, into);
  if (into.protocol === PROTOCOL_UDP) return decodeUdp(bytes, packetEnd, into);
  return isIcmp(into) ? decodeIcmp(bytes, packetEnd, into) : "other-protocol";
}
