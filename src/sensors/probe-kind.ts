/**
 * Names a probe by its TCP flags, as PortSentry and nmap do.
 *
 * SYN+ACK and RST are somebody's answers and never probes: the kernel's rules pass them by, and a
 * sensor that reads packets elsewhere drops them before it asks here. They would come out as
 * `tcp-odd`.
 */
import type { ProbeKind } from "../model/probe.ts";
import { TCP_ACK, TCP_CWR, TCP_ECE, TCP_FIN, TCP_PSH, TCP_SYN, TCP_URG } from "../packet/spec.ts";

/** Congestion bits (RFC 3168 section 6.1.1): a stack sets both on an ordinary SYN. */
const CONGESTION_FLAGS = TCP_ECE | TCP_CWR;
const XMAS_FLAGS = TCP_FIN | TCP_PSH | TCP_URG;

const KIND_NAMES: Readonly<Record<ProbeKind, string>> = {
  "tcp-connect": "connect",
  "tcp-syn": "SYN",
  "tcp-null": "NULL",
  "tcp-fin": "FIN",
  "tcp-xmas": "XMAS",
  "tcp-maimon": "Maimon",
  "tcp-ack": "ACK",
  "tcp-odd": "odd flags",
  udp: "UDP",
  "icmp-echo": "ping",
  "icmp-timestamp": "ICMP timestamp",
  "icmp-mask": "ICMP address mask",
  "ip-protocol": "IP protocol",
};

/**
 * Classifies the octet of TCP control bits (RFC 9293 section 3.1), congestion bits ignored. As in
 * PortSentry 1.2, XMAS is XMAS with SYN too, and nothing with ACK or RST is NULL, FIN, XMAS or SYN.
 * @returns never "tcp-connect", which only a listener can tell from "tcp-syn".
 */
export function kindOfTcpFlags(flags: number): ProbeKind {
  switch (flags & 0xff & ~CONGESTION_FLAGS) {
    case 0:
      return "tcp-null";
    case XMAS_FLAGS:
    case XMAS_FLAGS | TCP_SYN:
      return "tcp-xmas";
    case TCP_FIN:
      return "tcp-fin";
    case TCP_SYN:
      return "tcp-syn";
    case TCP_FIN | TCP_ACK:
      return "tcp-maimon";
    case TCP_ACK:
      return "tcp-ack";
    default:
      return "tcp-odd";
  }
}

/** @returns the name that logs and stories show: "SYN", "odd flags". */
export function formatKind(kind: ProbeKind): string {
  return KIND_NAMES[kind];
}
