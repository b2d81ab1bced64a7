/**
 * Looks at the packets of a scenario as a program on that machine can: decodes them, tells in from
 * out, and knows what the machine knows of the port at that moment.
 *
 * Three questions that engines ask differently are answered apart. Whether a service is running on
 * the port (what PortSentry and Vedette look at); whether a static firewall lets the port through
 * (CrowdSec and psad read what such a firewall drops); whether the packet belongs to a flow that
 * this machine began, as connection tracking would know (such a firewall drops no answers).
 */
import { formatWords } from "../src/net/address-words.ts";
import { decodePacket } from "../src/packet/decode-packet.ts";
import { PacketHeader } from "../src/packet/packet-header.ts";
import {
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  TCP_ACK,
  TCP_SYN,
} from "../src/packet/spec.ts";
import { Reassembly } from "./reassembly.ts";
import type { Packet, Scenario, Service } from "./scenario.ts";

/** UDP flows, seconds: nf_conntrack_udp_timeout_stream, Documentation/networking/nf_conntrack-sysctl.rst. */
const UDP_FLOW_MS = 120_000;
/** How long somebody who has asked over UDP keeps the socket open: resolv.conf(5), "timeout". */
const UDP_ASKING_MS = 5000;
/** After this long without a packet a TCP connection that we began is not waited for. */
const TCP_FLOW_MS = 432_000_000;
const TCP_RST = 0x04;

/** One packet, as a program on the machine sees it. Reused for the next. */
export interface Sight {
  readonly packet: Packet;
  readonly atEpochMs: number;
  readonly direction: "in" | "out";
  /** The other end, as text. */
  readonly peer: string;
  /** The packet as the stack sees it: put together when it came in fragments. */
  readonly bytes: Uint8Array;
  /** Decoded; `transport` is undefined for everything but TCP and UDP. */
  readonly header: PacketHeader;
  /** Whether it came in fragments: a program that reads them off the link has not seen it whole. */
  readonly isReassembled: boolean;
  /**
   * Whether a socket of this machine takes it at that moment: a service that runs, or whoever began
   * the flow and still waits for an answer.
   */
  readonly hasSocket: boolean;
  /** Whether a static firewall lets our port of the packet through, running service or not. */
  readonly isAllowed: boolean;
  /** Whether it belongs to a flow that this machine began. */
  readonly isAnswer: boolean;
  /** What an ICMP "unreachable" is about; undefined for every other packet. */
  readonly unreachable: "tcp" | "udp" | undefined;
}

type MutableSight = { -readonly [Field in keyof Sight]: Sight[Field] };

/** Follows one scenario from its first packet to its last. */
export class Onlooker {
  readonly #ours: ReadonlySet<string>;
  readonly #services = new Map<string, Service>();
  /** By peer, its port, our port and transport: when the flow that we began was last seen. */
  readonly #flows = new Map<string, number>();
  readonly #header = new PacketHeader();
  readonly #reassembly = new Reassembly();
  readonly #sight: MutableSight;

  constructor({ ours, services }: Pick<Scenario, "ours" | "services">) {
    this.#ours = new Set(ours);
    for (const service of services) {
      this.#services.set(`${service.transport} ${service.port}`, service);
    }
    this.#sight = {
      packet: { bytes: new Uint8Array(), atEpochMs: 0 },
      bytes: new Uint8Array(),
      atEpochMs: 0,
      direction: "in",
      peer: "",
      header: this.#header,
      isReassembled: false,
      hasSocket: false,
      isAllowed: false,
      isAnswer: false,
      unreachable: undefined,
    };
  }

  /**
   * @returns undefined for what is neither to nor from this machine, for what no stack accepts, and
   * for fragments but the one that makes the packet whole.
   */
  look(packet: Packet): Sight | undefined {
    const header = this.#header;
    const { atEpochMs } = packet;
    const bytes = this.#reassembly.take(packet.bytes);
    if (bytes === undefined) return undefined;
    const outcome = decodePacket(bytes, 0, bytes.length, header);
    if (outcome !== "decoded" && outcome !== "other-protocol") return undefined;
    const source = formatWords(header.source);
    const destination = formatWords(header.destination);
    const isOut = this.#ours.has(source);
    if (isOut === this.#ours.has(destination)) return undefined;
    const sight = this.#sight;
    sight.packet = packet;
    sight.bytes = bytes;
    sight.atEpochMs = atEpochMs;
    sight.direction = isOut ? "out" : "in";
    sight.peer = isOut ? destination : source;
    sight.isReassembled = bytes !== packet.bytes;
    sight.unreachable = unreachableOf(bytes, header);
    this.#lookAtPort(sight);
    return sight;
  }

  #lookAtPort(sight: MutableSight): void {
    const { header, atEpochMs } = sight;
    sight.hasSocket = false;
    sight.isAllowed = false;
    sight.isAnswer = false;
    if (header.transport === undefined) return;
    const isOut = sight.direction === "out";
    const ourPort = isOut ? header.sourcePort : header.destinationPort;
    const peerPort = isOut ? header.destinationPort : header.sourcePort;
    const service = this.#services.get(`${header.transport} ${ourPort}`);
    sight.isAllowed = service !== undefined;
    const isServed = service !== undefined && isRunning(service, atEpochMs);
    const key = `${sight.peer} ${peerPort} ${ourPort} ${header.transport}`;
    const lastAtEpochMs = this.#flows.get(key);
    const isTcp = header.transport === "tcp";
    const idleMs = atEpochMs - (lastAtEpochMs ?? Number.NEGATIVE_INFINITY);
    const isKnown = idleMs <= (isTcp ? TCP_FLOW_MS : UDP_FLOW_MS);
    sight.isAnswer = isKnown && !isOut;
    sight.hasSocket = isServed || idleMs <= (isTcp ? TCP_FLOW_MS : UDP_ASKING_MS);
    if (isKnown || (isOut && begins(header, isServed))) {
      this.#flows.set(key, atEpochMs);
    }
    // A reset ends what it belongs to; so firewalls drop what comes later.
    if (isTcp && (header.tcpFlags & TCP_RST) !== 0) this.#flows.delete(key);
  }
}

/** Whether what we send begins a flow of ours, and does not answer one of somebody else's. */
function begins({ transport, tcpFlags }: PacketHeader, isServed: boolean): boolean {
  if (transport === "udp") return !isServed;
  return (tcpFlags & (TCP_SYN | TCP_ACK)) === TCP_SYN;
}

function isRunning({ outages = [] }: Service, atEpochMs: number): boolean {
  return !outages.some(([from, to]) => atEpochMs >= from && atEpochMs < to);
}

/** Type 3 of ICMP (RFC 792) and type 1 of ICMPv6 (RFC 4443 section 3.1), and what it quotes. */
function unreachableOf(bytes: Uint8Array, header: PacketHeader): Sight["unreachable"] {
  const isIcmp = header.protocol === PROTOCOL_ICMP;
  if (!isIcmp && header.protocol !== PROTOCOL_ICMPV6) return undefined;
  if (bytes[header.transportOffset] !== (isIcmp ? 3 : 1)) return undefined;
  const quotedAt = header.transportOffset + 8;
  const quoted = bytes[quotedAt + (isIcmp ? 9 : 6)];
  if (quoted === undefined) return undefined;
  return quoted === PROTOCOL_TCP ? "tcp" : "udp";
}
