/**
 * A packet of a banned or held source that the kernel dropped, as far as BLOCK_LOG tells of it.
 *
 * No evidence and no probe: whoever is shut out is judged already. Every field is what the sender
 * wrote, but for the interface; all of it is numbers and short texts, so that it can cross to the
 * broker.
 */
import type { IpAddress } from "../net/ip-address.ts";

/** The TCP header's fields (RFC 9293 section 3.1). */
export interface DroppedTcp {
  readonly protocol: "tcp";
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** As sent, not scaled. */
  readonly window: number;
  /** The four reserved bits behind the data offset. 0 to 15. */
  readonly reservedBits: number;
  /** The octet of control bits, ECE and CWR included. */
  readonly flags: number;
  readonly urgentPointer: number;
}

/** The UDP header's fields (RFC 768). */
interface DroppedUdp {
  readonly protocol: "udp";
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** UDP header and data, by the header's own length field. */
  readonly lengthBytes: number;
}

/** ICMP (RFC 792) of IPv4, or ICMPv6 (RFC 4443). */
interface DroppedIcmp {
  readonly protocol: "icmp";
  readonly type: number;
  readonly code: number;
  /** Identifier and sequence number of an echo request or reply; null for other types. */
  readonly echo: { readonly identifier: number; readonly sequence: number } | null;
}

/** Any other protocol, a later fragment, or a packet that ends within the transport's header. */
interface DroppedOther {
  readonly protocol: "other";
  /** IANA protocol number, 0 to 255. */
  readonly number: number;
  /**
   * What there is of a TCP, UDP or ICMP header that is not whole. Bytes; null: none is expected.
   */
  readonly incompleteBytes: number | null;
}

export interface DroppedPacket {
  /** The kernel's number of the interface; 0 when it is not known. */
  readonly interfaceIndex: number;
  /** The link layer's header in hexadecimal digits, destination first; "" when there is none. */
  readonly linkHeader: string;
  readonly source: IpAddress;
  /** Of the same family as `source`. */
  readonly destination: IpAddress;
  /** IP header included, by the header's own length field. */
  readonly lengthBytes: number;
  /** The octet of the type of service, or of the traffic class. */
  readonly trafficClass: number;
  /** Time to live, or hop limit. */
  readonly ttlHops: number;
  /** IPv4 only; 0 otherwise. */
  readonly identification: number;
  /** IPv4 only: the two octets of flags and fragment offset as sent (RFC 791 section 3.1). */
  readonly fragmentField: number;
  /** IPv6 only; 20 bits. */
  readonly flowLabel: number;
  readonly transport: DroppedTcp | DroppedUdp | DroppedIcmp | DroppedOther;
}

/** Longest link header that is told, in octets; Ethernet has 14, with a VLAN tag 18. */
export const LONGEST_LINK_HEADER = 32;
