/**
 * One packet or connection to a port that nothing serves, or, where SENSE_OTHER wants it, a ping or
 * a packet of a protocol that nothing serves.
 *
 * The sensor of the kernel's reports fills one Probe again and again, so that a flood allocates
 * nothing a packet: it is valid only during the call that passes it, and whoever keeps something
 * copies it.
 */
import { type AddressWords, isIpv4Words } from "../net/address-words.ts";
import type { ProbedProtocol } from "../net/transport.ts";
import type { Evidence } from "./evidence.ts";

/**
 * What the packet looks like, by its flags (RFC 9293 section 3.1; names as nmap uses them).
 * `tcp-odd` is any other combination that no stack sends, SYN+FIN for one. ICMP: by the type of the
 * request (RFC 792, RFC 950, RFC 4443). `ip-protocol`: anything else straight on IP.
 */
export const PROBE_KINDS = [
  "tcp-connect",
  "tcp-syn",
  "tcp-null",
  "tcp-fin",
  "tcp-xmas",
  "tcp-maimon",
  "tcp-ack",
  "tcp-odd",
  "udp",
  "icmp-echo",
  "icmp-timestamp",
  "icmp-mask",
  "ip-protocol",
] as const;

export type ProbeKind = (typeof PROBE_KINDS)[number];

/** Where a probe was seen. */
type SensorName = "nflog" | "tcp-listener" | "udp-listener" | "capture-file";

/**
 * What the headers of a probe say beyond the fields that every probe has: what a tool that writes
 * its own packets is known by. All of it is what the sender wrote, and what a forger may choose.
 */
export interface ProbeHeader {
  readonly version: 4 | 6;
  /** 16 bits in IPv4; 32 bits in an IPv6 packet with a fragment header, else 0. */
  readonly ipIdentification: number;
  /** Time to live, or hop limit, as it arrived: what the sender set less the routers between. */
  readonly ttlHops: number;
  /** IPv4 only; false for IPv6. */
  readonly hasDontFragment: boolean;
  /** 0 to 4294967295; 0 without TCP. */
  readonly tcpSequence: number;
  /** 0 to 4294967295, whether or not the ACK flag is set; 0 without TCP. */
  readonly tcpAcknowledgement: number;
  /** As sent, not scaled; 0 without TCP. */
  readonly tcpWindow: number;
  /** Which TCP options there are: bits of net/tcp-option-kinds.ts; 0 without TCP. */
  readonly tcpOptionKinds: number;
  /** A digest of the TCP options as sent, values and order included; 0: there are none. */
  readonly tcpOptionsDigest: number;
  /** Data behind the transport header, bytes; 0 without ports. */
  readonly payloadBytes: number;
}

export interface Probe {
  /** Sender as seen on the wire. Forgeable unless `evidence` is "proven". */
  readonly source: AddressWords;
  readonly destination: AddressWords;
  readonly transport: ProbedProtocol;
  /** Destination port, 0 to 65535; without ports the number of {@link ProbedProtocol}. */
  readonly port: number;
  /** 0 without ports. */
  readonly sourcePort: number;
  readonly kind: ProbeKind;
  /**
   * The TCP flag octet as sent; SYN for a handshake that was completed on a port that looks open; 0
   * without TCP and for connections accepted by a listener.
   */
  readonly tcpFlags: number;
  readonly evidence: Evidence;
  readonly sensor: SensorName;
  /** The kernel put its source into the hold set in the same packet. */
  readonly startedHold: boolean;
  readonly hasIpOptions: boolean;
  readonly isFragment: boolean;
  /** Reused like the probe; undefined for connections: they are known by what came before. */
  readonly header: ProbeHeader | undefined;
  /**
   * The kernel's number of the interface where it came in, by which it is answered; 0, or absent,
   * where that is not known.
   */
  readonly interfaceIndex?: number;
  /** It is a SYN, and the kernel leaves it to us to answer it as an open port does. Default false. */
  readonly looksOpen?: boolean;
  /** Monotonic milliseconds ({@link Clock.monotonicMs}). */
  readonly seenAtMs: number;
}

/** What somebody keeps of a probe beyond the call that passes it. */
export interface KeptProbe {
  readonly transport: ProbedProtocol;
  /** As in {@link Probe}. */
  readonly port: number;
  /** As in {@link Probe}. */
  readonly tcpFlags: number;
  /** "unknown" where a listener accepted, or for IPv6: PortSentry's words. */
  readonly ipOptions: "set" | "not set" | "unknown";
  readonly sensor: SensorName;
}

/** @returns a copy of the fields that outlive the call. */
export function keepProbe(probe: Probe): KeptProbe {
  const { source, transport, port, tcpFlags, sensor, hasIpOptions } = probe;
  const hasSeenHeader = sensor !== "tcp-listener" && sensor !== "udp-listener";
  const isKnown = hasSeenHeader && isIpv4Words(source);
  const ipOptions = isKnown ? (hasIpOptions ? "set" : "not set") : "unknown";
  return { transport, port, tcpFlags, ipOptions, sensor };
}
