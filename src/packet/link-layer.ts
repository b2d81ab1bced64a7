/**
 * Finds the IP packet behind the link-layer header of a captured frame.
 *
 * The bytes come from anybody. Nothing here throws, reads outside the given range or allocates.
 * VLAN tags are followed however many there are: each takes four bytes, so the frame's length
 * bounds them. A link layer that says IPv4 before a packet that says IPv6 contradicts itself, and no
 * stack takes such a packet.
 */
import { uint8At, uint16At, uint32At } from "./network-order.ts";
import {
  ARPHRD_FRAD,
  ARPHRD_NETLINK,
  ARPHRD_RADIOTAP,
  ETHERNET_HEADER_BYTES,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_OLD_SERVICE_VLAN,
  ETHERTYPE_SERVICE_VLAN,
  ETHERTYPE_VLAN,
  FAMILIES_IPV6,
  FAMILY_HEADER_BYTES,
  FAMILY_IPV4,
  LINK_ETHERNET,
  LINK_IPV4,
  LINK_IPV6,
  LINK_LINUX_SLL,
  LINK_LINUX_SLL2,
  LINK_LOOP,
  LINK_NULL,
  LINK_RAW,
  LINK_RAW_BSD,
  LINK_RAW_OPENBSD,
  SLL_HEADER_BYTES,
  SLL2_HEADER_BYTES,
  VLAN_TAG_BYTES,
} from "./spec.ts";

/** The link types that are read, in words. */
export const READ_LINK_TYPES =
  `Ethernet (${LINK_ETHERNET}), raw IP (${LINK_RAW}, ${LINK_RAW_BSD}, ${LINK_RAW_OPENBSD}, ` +
  `${LINK_IPV4}, ${LINK_IPV6}), Linux cooked captures (${LINK_LINUX_SLL}, ${LINK_LINUX_SLL2}) and ` +
  `BSD loopback (${LINK_NULL}, ${LINK_LOOP})`;

/** Instead of an offset: the frame carries something else, such as ARP. */
export const NOT_IP = -1;
/** Instead of an offset: the frame ends before the IP packet begins, or contradicts itself. */
export const BROKEN_FRAME = -2;
/** Instead of an offset: the link type is none of those that are read. */
export const UNKNOWN_LINK = -3;

/**
 * Where the IP packet begins in the frame from `start` to `end`. The caller sees to it that
 * 0 <= `start` <= `end` <= `bytes.length`.
 * @returns an offset below `end`, or one of the negative numbers above.
 */
export function findIpPacket(
  linkType: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  switch (linkType) {
    case LINK_ETHERNET:
      if (end - start < ETHERNET_HEADER_BYTES) return BROKEN_FRAME;
      return behindType(
        bytes,
        start + ETHERNET_HEADER_BYTES,
        end,
        uint16At(bytes, start + ETHERNET_HEADER_BYTES - 2),
      );
    case LINK_LINUX_SLL:
      if (end - start < SLL_HEADER_BYTES) return BROKEN_FRAME;
      if (hasNoEthertype(uint16At(bytes, start + 2))) return NOT_IP;
      return behindType(bytes, start + SLL_HEADER_BYTES, end, uint16At(bytes, start + 14));
    case LINK_LINUX_SLL2:
      if (end - start < SLL2_HEADER_BYTES) return BROKEN_FRAME;
      if (hasNoEthertype(uint16At(bytes, start + 8))) return NOT_IP;
      return behindType(bytes, start + SLL2_HEADER_BYTES, end, uint16At(bytes, start));
    case LINK_NULL:
    case LINK_LOOP:
      return behindFamily(bytes, start, end);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
      if (start >= end) return BROKEN_FRAME;
      return ofVersion(bytes, start, end, uint8At(bytes, start) >>> 4 === 6 ? 6 : 4);
    case LINK_IPV4:
      return ofVersion(bytes, start, end, 4);
    case LINK_IPV6:
      return ofVersion(bytes, start, end, 6);
    default:
      return UNKNOWN_LINK;
  }
}

/** Follows VLAN tags from `at` on, which `ethertype` announces. */
function behindType(bytes: Uint8Array, at: number, end: number, ethertype: number): number {
  let type = ethertype;
  let offset = at;
  while (
    type === ETHERTYPE_VLAN ||
    type === ETHERTYPE_SERVICE_VLAN ||
    type === ETHERTYPE_OLD_SERVICE_VLAN
  ) {
    if (end - offset < VLAN_TAG_BYTES) return BROKEN_FRAME;
    type = uint16At(bytes, offset + 2);
    offset += VLAN_TAG_BYTES;
  }
  if (type === ETHERTYPE_IPV4) return ofVersion(bytes, offset, end, 4);
  if (type === ETHERTYPE_IPV6) return ofVersion(bytes, offset, end, 6);
  return NOT_IP;
}

/** Whether a cooked header's protocol field is something else on this kind of interface. */
function hasNoEthertype(hardwareType: number): boolean {
  return (
    hardwareType === ARPHRD_FRAD ||
    hardwareType === ARPHRD_RADIOTAP ||
    hardwareType === ARPHRD_NETLINK
  );
}

/** The family is in the byte order of the machine that captured, which the file need not share. */
function behindFamily(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < FAMILY_HEADER_BYTES) return BROKEN_FRAME;
  const asRead = uint32At(bytes, start);
  // Every family is below 256, so one of the two readings has its upper half clear.
  const family = asRead > 0xffff ? swapped(asRead) : asRead;
  const offset = start + FAMILY_HEADER_BYTES;
  if (family === FAMILY_IPV4) return ofVersion(bytes, offset, end, 4);
  if (FAMILIES_IPV6.includes(family)) return ofVersion(bytes, offset, end, 6);
  return NOT_IP;
}

function swapped(word: number): number {
  const upper = ((word & 0xff) << 24) | ((word & 0xff00) << 8);
  return (upper | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

function ofVersion(bytes: Uint8Array, offset: number, end: number, version: 4 | 6): number {
  if (offset >= end) return BROKEN_FRAME;
  return uint8At(bytes, offset) >>> 4 === version ? offset : BROKEN_FRAME;
}
