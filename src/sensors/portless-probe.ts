/**
 * Names a packet that has no port: a ping, or another protocol straight on IP.
 *
 * Only requests are probes. An echo reply and an ICMP error are somebody's answer, perhaps to a
 * packet that a third party has forged in our name, and neighbour discovery and group reports are
 * how a network works; none of them is evidence of anything. Which protocols are served, and which
 * are left out, the kernel's rules have decided.
 */
import type { Probe, ProbeKind } from "../model/probe.ts";
import { isIcmp } from "../packet/icmp.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import {
  ICMP_ADDRESS_MASK_REQUEST,
  ICMP_ECHO_REQUEST,
  ICMP_TIMESTAMP_REQUEST,
  ICMPV6_ECHO_REQUEST,
  PROTOCOL_NO_NEXT_HEADER,
} from "../packet/spec.ts";

/** What a packet of this kind fills in a probe. */
type PortlessFields = {
  -readonly [Field in "transport" | "port" | "sourcePort" | "tcpFlags" | "kind"]: Probe[Field];
};

/**
 * Fills the fields of a probe from a header whose outcome is "other-protocol".
 * @returns false, and nothing is filled, when it is none.
 */
export function fillPortless(header: PacketHeader, into: PortlessFields): boolean {
  const kind = kindOf(header);
  if (kind === undefined) return false;
  const { icmpType, protocol } = header;
  into.kind = kind;
  into.transport = icmpType === undefined ? "ip" : "icmp";
  into.port = icmpType ?? protocol;
  into.sourcePort = 0;
  into.tcpFlags = 0;
  return true;
}

function kindOf(header: PacketHeader): ProbeKind | undefined {
  const { version, protocol, icmpType } = header;
  if (isIcmp(header)) return version === 4 ? kindOfIcmp(icmpType) : kindOfIcmpv6(icmpType);
  // RFC 8200 section 4.7: nothing follows, by which nobody asks for anything.
  if (version === 6 && protocol === PROTOCOL_NO_NEXT_HEADER) return undefined;
  return "ip-protocol";
}

function kindOfIcmp(type: number | undefined): ProbeKind | undefined {
  switch (type) {
    case ICMP_ECHO_REQUEST:
      return "icmp-echo";
    case ICMP_TIMESTAMP_REQUEST:
      return "icmp-timestamp";
    case ICMP_ADDRESS_MASK_REQUEST:
      return "icmp-mask";
    default:
      return undefined;
  }
}

function kindOfIcmpv6(type: number | undefined): ProbeKind | undefined {
  return type === ICMPV6_ECHO_REQUEST ? "icmp-echo" : undefined;
}
