/**
 * One dropped packet in the words of the kernel's LOG target.
 *
 * Order, spelling and the blank behind each field are the kernel's, so that whatever reads its
 * lines reads ours: linux/net/netfilter/nf_log_syslog.c, without its options for sequence numbers
 * and IP options, marks, what ICMP errors quote, fragment headers of IPv6 and the fields of IPsec.
 * IPv6 addresses are written out in full there, and so they are here. Every field is what the
 * sender wrote; the name of the interface is this machine's own.
 */
import type { DroppedPacket } from "../../model/dropped-packet.ts";
import { wordsOf } from "../../net/address-words.ts";
import { familyOf, type IpAddress } from "../../net/ip-address.ts";

/** What the guide's rules have before the line, and what readers look for. */
export const DROP_PREFIX = "Portsentry: dropping: ";

/** In the kernel's order. RFC 9293 section 3.1; ECE and CWR: RFC 3168 section 6.1. */
const FLAG_NAMES = [
  [0x80, "CWR"],
  [0x40, "ECE"],
  [0x20, "URG"],
  [0x10, "ACK"],
  [0x08, "PSH"],
  [0x04, "RST"],
  [0x02, "SYN"],
  [0x01, "FIN"],
] as const;

/** RFC 791 section 3.1: a bit that must be zero (the kernel calls it CE), DF and MF. */
const FRAGMENT_FLAGS = [
  [0x8000, "CE"],
  [0x4000, "DF"],
  [0x2000, "MF"],
] as const;
const FRAGMENT_OFFSET_MASK = 0x1fff;

/** linux/ip.h: precedence is the upper three bits of the octet, TOS the four below. */
const TOS_MASK = 0x1e;
const PRECEDENCE_MASK = 0xe0;

/** linux/if.h: IFNAMSIZ less the closing zero. */
const LONGEST_INTERFACE_NAME = 15;

/**
 * @param inInterface name of the interface; empty when it is not known.
 * @returns the line behind {@link DROP_PREFIX}, with the blank that the kernel has at its end.
 */
export function formatDropLine(packet: DroppedPacket, inInterface: string): string {
  const { linkHeader, source } = packet;
  const name = inInterface.slice(0, LONGEST_INTERFACE_NAME).replace(/[^\x21-\x7e]/g, "?");
  const mac = (linkHeader.match(/../g) ?? []).join(":");
  const network = familyOf(source) === 4 ? formatIpv4(packet) : formatIpv6(packet);
  return `IN=${name} OUT= MAC=${mac} ${network}${formatTransport(packet)}`;
}

function formatIpv4(packet: DroppedPacket): string {
  const { source, destination, lengthBytes, trafficClass, ttlHops, identification } = packet;
  const tos = hex(trafficClass & TOS_MASK, 2).toUpperCase();
  const precedence = hex(trafficClass & PRECEDENCE_MASK, 2).toUpperCase();
  return (
    `SRC=${source} DST=${destination} LEN=${lengthBytes} TOS=0x${tos} PREC=0x${precedence} ` +
    `TTL=${ttlHops} ID=${identification} ${formatFragment(packet.fragmentField)}`
  );
}

function formatIpv6(packet: DroppedPacket): string {
  const { source, destination, lengthBytes, trafficClass, ttlHops, flowLabel } = packet;
  return (
    `SRC=${inFull(source)} DST=${inFull(destination)} LEN=${lengthBytes} TC=${trafficClass} ` +
    `HOPLIMIT=${ttlHops} FLOWLBL=${flowLabel} `
  );
}

function formatFragment(field: number): string {
  const offset = field & FRAGMENT_OFFSET_MASK;
  return namesOf(field, FRAGMENT_FLAGS) + (offset === 0 ? "" : `FRAG:${offset} `);
}

function formatTransport({ transport, source }: DroppedPacket): string {
  switch (transport.protocol) {
    case "tcp": {
      const { sourcePort, destinationPort, window, reservedBits, flags, urgentPointer } = transport;
      // The kernel shifts the reserved bits so that they stand two places too high.
      return (
        `PROTO=TCP SPT=${sourcePort} DPT=${destinationPort} WINDOW=${window} ` +
        `RES=0x${hex((reservedBits & 0xf) << 2, 2)} ${namesOf(flags, FLAG_NAMES)}` +
        `URGP=${urgentPointer} `
      );
    }
    case "udp": {
      const { sourcePort, destinationPort, lengthBytes } = transport;
      return `PROTO=UDP SPT=${sourcePort} DPT=${destinationPort} LEN=${lengthBytes} `;
    }
    case "icmp": {
      const { type, code, echo } = transport;
      const numbers = echo === null ? "" : `ID=${echo.identifier} SEQ=${echo.sequence} `;
      return `PROTO=${icmpOf(source).name} TYPE=${type} CODE=${code} ${numbers}`;
    }
    case "other": {
      const { number, incompleteBytes } = transport;
      const rest = incompleteBytes === null ? "" : `INCOMPLETE [${incompleteBytes} bytes] `;
      return `PROTO=${protocolName(number, source)} ${rest}`;
    }
  }
}

/** The names that the kernel writes; any other protocol is its number (linux/in.h). */
function protocolName(number: number, source: IpAddress): string {
  const icmp = icmpOf(source);
  if (number === icmp.number) return icmp.name;
  if (number === 6) return "TCP";
  return number === 17 ? "UDP" : `${number}`;
}

function icmpOf(source: IpAddress) {
  return familyOf(source) === 4 ? { number: 1, name: "ICMP" } : { number: 58, name: "ICMPv6" };
}

function namesOf(bits: number, names: readonly (readonly [number, string])[]): string {
  return names.map(([bit, name]) => ((bits & bit) === 0 ? "" : `${name} `)).join("");
}

/** Eight groups of four digits, as the kernel's %pI6 writes them. */
function inFull(address: IpAddress): string {
  return [...wordsOf(address)]
    .flatMap((word) => [hex(word >>> 16, 4), hex(word & 0xffff, 4)])
    .join(":");
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
