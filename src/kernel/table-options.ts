/** What the nftables table is built from; every text that goes into it comes from these values. */
import type { PortSet } from "../net/port-range.ts";

/** What becomes of a probe after it is reported. */
type ProbeAnswer = "drop" | "reject" | "pass";

/** A set of blocks of one length; its elements are their first addresses. */
export interface ListedSet {
  /** As {@link listedName} makes it. */
  readonly name: string;
  readonly family: 4 | 6;
  /** Length of its blocks. 1 to 32, or 1 to 128. */
  readonly bits: number;
  /** Elements that it can hold. */
  readonly size: number;
}

export interface TableOptions {
  /** Distinct unused ports that hold a source: 1 or 2; "off" holds nobody. Default 2. */
  readonly holdAfter: "off" | 1 | 2;
  /** How long (s) a held source gets no new connection. 1 to 3600. Default 10. */
  readonly holdSeconds: number;
  /** How long (s) a port that was served is no probe. 30 to 86 400. Default 600. */
  readonly graceSeconds: number;
  /** Bits of an IPv6 address that make one source. 48 to 128. Default 64. */
  readonly ipv6PrefixBits: number;
  /** Default "drop". "pass" leaves the answer to the stack, as without a guard. */
  readonly answer: ProbeAnswer;
  /** Transports whose probes are told and nothing else: no hold, no changed answer. */
  readonly onlyWatched: { readonly tcp: boolean; readonly udp: boolean };
  /** The ban sets are asked. False only when the guard watches and does nothing. */
  readonly enforcesBans: boolean;
  /** TCP ports where one probe holds. */
  readonly trapPorts: PortSet;
  /** Ports where a packet without a socket is a probe; an empty set switches the transport off. */
  readonly watched: { readonly tcp: PortSet; readonly udp: PortSet };
  /** Ports that pass untouched. */
  readonly excluded: { readonly tcp: PortSet; readonly udp: PortSet };
  /** Ports of which new connections and datagrams are told although a service takes them. */
  readonly told: { readonly tcp: PortSet; readonly udp: PortSet };
  /** UDP ports that are watched although they lie in the ephemeral range. */
  readonly udpListed: PortSet;
  /** The machine's own ephemeral ports: net.ipv4.ip_local_port_range. */
  readonly ephemeral: { readonly first: number; readonly last: number };
  /** Segments of ACK, Window and Maimon scans are probes that are told and nothing else. */
  readonly sensesAck: boolean;
  /** Pings and packets of protocols that nothing serves are probes that are told and nothing else. */
  readonly sensesOther: boolean;
  /** IP protocols, 0 to 255, that are none of those. */
  readonly excludedProtocols: PortSet;
  /** What comes in on the loopback is watched too; its probes are told and nothing else. */
  readonly sensesLoopback: boolean;
  /** Interfaces that are watched; empty: all, the loopback only with `sensesLoopback`. */
  readonly interfaces: readonly string[];
  /** NFLOG group, 1 to 65535. Default 4242. */
  readonly nflogGroup: number;
  /** Probes logged a second; what is beyond is counted. 100 to 1 000 000. Default 50 000. */
  readonly nflogRate: number;
  /**
   * Questions a second that the guard may send to sources of TCP probes; 0: none. 0 to 5000.
   * Default 1000.
   */
  readonly challengeRate: number;
  /** Unused TCP ports that look open: the guard answers for them. Default "off". */
  readonly phantom: "off" | "traps" | "all";
  /** SYNs a second that the guard may answer so. 1 to 20 000. Default 10 000. */
  readonly phantomRate: number;
  /** Sets of the addresses that blocklists name, of one load of them. Default none. */
  readonly listed?: readonly ListedSet[];
  /** Packets that a ban or a hold drops are told to the same group, a few of each source. */
  readonly logsDrops: boolean;
}
