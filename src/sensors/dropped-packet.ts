/**
 * Decodes a packet that a ban or a hold dropped, for the line that BLOCK_LOG has of it.
 *
 * The bytes are those of {@link decodePacket}: anybody's, and perhaps cut. Here a fragment or a
 * header that is not whole is told and not refused, because what was dropped before it was put
 * together is a line too. Nothing throws or reads outside the range; one object is made a packet,
 * and the kernel's rule bounds those to some a second.
 */
import type { DroppedPacket } from "../model/dropped-packet.ts";
import { formatWords, isIpv4Words } from "../net/address-words.ts";
import { decodeIpv4 } from "../packet/ipv4.ts";
import { decodeIpv6 } from "../packet/ipv6.ts";
import { uint8At, uint16At, uint32At } from "../packet/network-order.ts";
import { PacketHeader } from "../packet/packet-header.ts";
import {
  ICMP_ECHO_TYPES,
  ICMP_HEADER_BYTES,
  ICMPV6_ECHO_TYPES,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  TCP_HEADER_MIN_BYTES,
  UDP_HEADER_BYTES,
} from "../packet/spec.ts";

/** Fields of the packet itself, without the place where it came in. */
type DroppedFields = Omit<DroppedPacket, "interfaceIndex" | "linkHeader">;

/**
 * @returns bytes without which the kernel's own log calls a packet incomplete; undefined for a
 *   protocol of which it shows the number alone.
 */
function neededBytesOf({ protocol, version }: PacketHeader): number | undefined {
  switch (protocol) {
    case PROTOCOL_TCP:
      return TCP_HEADER_MIN_BYTES;
    case PROTOCOL_UDP:
      return UDP_HEADER_BYTES;
    case version === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6:
      return ICMP_HEADER_BYTES;
    default:
      return undefined;
  }
}

/**
 * Decodes the packet whose IP header begins at `start`.
 * The caller sees to it that 0 <= `start` <= `end` <= `bytes.length`.
 * @returns undefined when it has no whole IP header, or an IPv4 address in IPv6: no line can say
 * so.
 */
export function decodeDropped(
  bytes: Uint8Array,
  start: number,
  end: number,
): DroppedFields | undefined {
  if (start >= end) return undefined;
  const header = new PacketHeader();
  const isIpv4 = uint8At(bytes, start) >>> 4 === 4;
  if (!isIpv4 && uint8At(bytes, start) >>> 4 !== 6) return undefined;
  const outcome = (isIpv4 ? decodeIpv4 : decodeIpv6)(bytes, start, end, header);
  if (outcome !== "decoded" && outcome !== "later-fragment") return undefined;
  if (isIpv4Words(header.source) !== isIpv4 || isIpv4Words(header.destination) !== isIpv4) {
    return undefined;
  }
  const isLaterFragment = outcome === "later-fragment";
  return {
    source: formatWords(header.source),
    destination: formatWords(header.destination),
    ttlHops: header.ttlHops,
    ...(isIpv4 ? ipv4Fields(bytes, start) : ipv6Fields(bytes, start)),
    transport: isLaterFragment
      ? { protocol: "other", number: header.protocol, incompleteBytes: null }
      : decodeTransport(bytes, Math.min(end, header.packetEndOffset), header),
  };
}

function ipv4Fields(bytes: Uint8Array, start: number) {
  return {
    lengthBytes: uint16At(bytes, start + 2),
    trafficClass: uint8At(bytes, start + 1),
    identification: uint16At(bytes, start + 4),
    fragmentField: uint16At(bytes, start + 6),
    flowLabel: 0,
  };
}

function ipv6Fields(bytes: Uint8Array, start: number) {
  const first = uint32At(bytes, start);
  return {
    lengthBytes: uint16At(bytes, start + 4) + 40,
    trafficClass: (first >>> 20) & 0xff,
    identification: 0,
    fragmentField: 0,
    flowLabel: first & 0xfffff,
  };
}

function decodeTransport(
  bytes: Uint8Array,
  end: number,
  header: PacketHeader,
): DroppedPacket["transport"] {
  const { protocol, transportOffset } = header;
  const presentBytes = Math.max(0, end - transportOffset);
  const neededBytes = neededBytesOf(header);
  if (neededBytes === undefined || presentBytes < neededBytes) {
    const incompleteBytes = neededBytes === undefined ? null : presentBytes;
    return { protocol: "other", number: protocol, incompleteBytes };
  }
  switch (protocol) {
    case PROTOCOL_TCP:
      return decodeTcpFields(bytes, transportOffset);
    case PROTOCOL_UDP:
      return {
        protocol: "udp",
        sourcePort: uint16At(bytes, transportOffset),
        destinationPort: uint16At(bytes, transportOffset + 2),
        lengthBytes: uint16At(bytes, transportOffset + 4),
      };
    default:
      return decodeIcmp(bytes, transportOffset, protocol);
  }
}

function decodeTcpFields(bytes: Uint8Array, offset: number): DroppedPacket["transport"] {
  return {
    protocol: "tcp",
    sourcePort: uint16At(bytes, offset),
    destinationPort: uint16At(bytes, offset + 2),
    window: uint16At(bytes, offset + 14),
    reservedBits: uint8At(bytes, offset + 12) & 0x0f,
    flags: uint8At(bytes, offset + 13),
    urgentPointer: uint16At(bytes, offset + 18),
  };
}

function decodeIcmp(
  bytes: Uint8Array,
  offset: number,
  protocol: number,
): DroppedPacket["transport"] {
  const type = uint8At(bytes, offset);
  const echoTypes = protocol === PROTOCOL_ICMP ? ICMP_ECHO_TYPES : ICMPV6_ECHO_TYPES;
  return {
    protocol: "icmp",
    type,
    code: uint8At(bytes, offset + 1),
    echo: echoTypes.includes(type)
      ? { identifier: uint16At(bytes, offset + 4), sequence: uint16At(bytes, offset + 6) }
      : null,
  };
}
