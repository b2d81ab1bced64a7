/**
 * The kernel's own logic as a model: what its table would make of a packet. Replay would lie
 * without it.
 *
 * It follows the rules of src/kernel/table-sense.ts and table-probe.ts in their order, from the
 * same options; a live test sends the same packets to both and compares. What the kernel asks of
 * its sockets is asked of whoever knows them here. Not in the model: the limit of the log, and
 * interfaces, which most captures do not name.
 *
 * What a sender can grow are the sets, of the kernel's own sizes. Nothing is allocated a packet.
 */

import type { TableOptions } from "../kernel/table-options.ts";
import { SERVED_CAPACITY } from "../kernel/table-sets.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import {
  PROTOCOL_TCP,
  TCP_ACK,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  TCP_SYN_FIN_RST_ACK,
  TCP_URG,
} from "../packet/spec.ts";
import { SuspicionModel } from "./suspicion-model.ts";
import { TimedSet } from "./timed-set.ts";

/**
 * What becomes of a packet.
 *
 * - `passed`: none of the table's business.
 * - `probe`, `hold`: a probe; the second began a hold.
 * - `watched`: a probe that is told and nothing else.
 * - `refused`: a new connection of a held source to a real service.
 */
export type KernelFinding = "passed" | "probe" | "hold" | "watched" | "refused";

/** What the kernel knows of sockets. */
export interface SocketKnowledge {
  /** Whether a socket takes the packet: a listener, or a connection. Allocates nothing. */
  hasSocket(header: PacketHeader): boolean;
}

export interface KernelModelParts {
  readonly options: TableOptions;
  readonly keys: SourceKeys;
  readonly sockets: SocketKnowledge;
  /** Whether a source is never held and never banned. */
  readonly isTrusted: (source: AddressWords) => boolean;
}

/** How long (ms) a port that was written to `served` is not written again. */
const FRESH_MS = 30_000;

/** Times are monotonic milliseconds and never go back. */
export class KernelModel {
  readonly #parts: KernelModelParts;
  readonly #servedMs: number;
  readonly #served = { 4: new TimedSet(SERVED_CAPACITY), 6: new TimedSet(SERVED_CAPACITY) };
  readonly #fresh = { 4: new TimedSet(SERVED_CAPACITY), 6: new TimedSet(SERVED_CAPACITY) };
  readonly #suspicion: { readonly 4: SuspicionModel; readonly 6: SuspicionModel } | undefined;
  readonly #key = new Uint32Array(4);

  constructor(parts: KernelModelParts) {
    const { holdAfter, holdSeconds, trapPorts, graceSeconds } = parts.options;
    this.#parts = parts;
    this.#servedMs = graceSeconds * 1000 + FRESH_MS;
    if (holdAfter === "off") return;
    const options = { holdAfter, holdMs: holdSeconds * 1000, trapPorts };
    this.#suspicion = { 4: new SuspicionModel(options), 6: new SuspicionModel(options) };
  }

  /** Probes that found a set of the kernel's full: it held nobody for them. */
  get full(): number {
    return (this.#suspicion?.[4].full ?? 0) + (this.#suspicion?.[6].full ?? 0);
  }

  /** What becomes of a packet to one of our own addresses; the header is of TCP or UDP. */
  judge(header: PacketHeader, nowMs: number): KernelFinding {
    return header.protocol === PROTOCOL_TCP
      ? this.#senseTcp(header, nowMs)
      : this.#senseUdp(header, nowMs);
  }

  /** Whether a packet that the gate stops would be a probe if it did not. Changes nothing. */
  wouldSense(header: PacketHeader, nowMs: number): boolean {
    const { options, sockets } = this.#parts;
    const isAsking =
      header.protocol === PROTOCOL_TCP ? isTcpProbe(options, header) : isUdpProbe(options, header);
    return isAsking && !sockets.hasSocket(header) && this.#isWatched(header, nowMs);
  }

  #senseTcp(header: PacketHeader, nowMs: number): KernelFinding {
    const flags = header.tcpFlags;
    const { sockets } = this.#parts;
    if ((flags & (TCP_SYN | TCP_ACK)) === TCP_ACK) return this.#senseAck(header, nowMs);
    switch (flags & TCP_SYN_FIN_RST_ACK) {
      case TCP_SYN:
        if (sockets.hasSocket(header)) return this.#enter(header, nowMs);
        break;
      case TCP_SYN | TCP_ACK:
      case TCP_RST:
        return "passed";
      default:
        if ((flags & TCP_RST) !== 0) return "passed";
        if (sockets.hasSocket(header)) return this.#tell(header);
    }
    return this.#probe(header, nowMs);
  }

  /** Segments with ACK and without SYN: no probes, unless SENSE_ACK asks for them. */
  #senseAck(header: PacketHeader, nowMs: number): KernelFinding {
    const { options, sockets } = this.#parts;
    if (!isAckProbe(options, header) || sockets.hasSocket(header)) return "passed";
    return this.#probe(header, nowMs);
  }

  /** A SYN that a service takes: the kernel learns the port, or refuses a held source. */
  #enter(header: PacketHeader, nowMs: number): KernelFinding {
    const { isTrusted } = this.#parts;
    const family = header.version;
    const isHeld = this.#isHeld(header.source, family, nowMs);
    const { destination, destinationPort } = header;
    if (!isHeld && !this.#fresh[family].has(destination, destinationPort, nowMs)) {
      this.#fresh[family].add(destination, destinationPort, nowMs, FRESH_MS);
      const place = placeOf(header.protocol, destinationPort);
      this.#served[family].update(destination, place, nowMs, this.#servedMs);
    }
    const told = this.#tell(header);
    return told === "passed" && isHeld && !isTrusted(header.source) ? "refused" : told;
  }

  #senseUdp(header: PacketHeader, nowMs: number): KernelFinding {
    const { options, sockets } = this.#parts;
    if (sockets.hasSocket(header)) return this.#tell(header);
    return isUdpProbe(options, header) ? this.#probe(header, nowMs) : "passed";
  }

  /** Nobody serves this port. */
  #probe(header: PacketHeader, nowMs: number): KernelFinding {
    const { options } = this.#parts;
    if (!this.#isWatched(header, nowMs)) return "passed";
    const { source, destinationPort, protocol, version: family } = header;
    const isTcp = protocol === PROTOCOL_TCP;
    const transport = isTcp ? "tcp" : "udp";
    const isAck = isTcp && (header.tcpFlags & (TCP_SYN | TCP_ACK)) === TCP_ACK;
    if (isAck || options.onlyWatched[transport]) return "watched";
    if (this.#suspicion === undefined) return "probe";
    this.#parts.keys.keyOf(source, this.#key);
    const isHold = this.#suspicion[family].judge(
      this.#key,
      protocol,
      isTcp,
      destinationPort,
      nowMs,
    );
    return isHold ? "hold" : "probe";
  }

  /** Whether this port is watched, was not served lately, and the source is not trusted. */
  #isWatched(header: PacketHeader, nowMs: number): boolean {
    const { options, isTrusted } = this.#parts;
    const { source, destination, destinationPort, protocol, version: family } = header;
    const transport = protocol === PROTOCOL_TCP ? "tcp" : "udp";
    if (options.excluded[transport].has(destinationPort)) return false;
    const watched = options.watched[transport];
    if (watched.size < 65_535 && !watched.has(destinationPort)) return false;
    const place = placeOf(protocol, destinationPort);
    return !this.#served[family].has(destination, place, nowMs) && !isTrusted(source);
  }

  /** A packet to a listed port that a service has: PortSentry 2.x's -S. */
  #tell({ source, sourcePort, destinationPort, transport }: PacketHeader): KernelFinding {
    const { options, isTrusted } = this.#parts;
    if (transport === undefined || !options.told[transport].has(destinationPort)) return "passed";
    if (transport === "udp") {
      if (isServersAnswer(sourcePort, destinationPort)) return "passed";
      if (isEphemeral(options, destinationPort)) return "passed";
    }
    if (options.excluded[transport].has(destinationPort)) return "passed";
    return isTrusted(source) ? "passed" : "watched";
  }

  #isHeld(source: AddressWords, family: 4 | 6, nowMs: number): boolean {
    if (this.#suspicion === undefined) return false;
    this.#parts.keys.keyOf(source, this.#key);
    return this.#suspicion[family].isHeld(this.#key, nowMs);
  }
}

/** Whether a TCP segment that no socket takes can be a probe. */
function isTcpProbe(options: TableOptions, header: PacketHeader): boolean {
  const flags = header.tcpFlags;
  if ((flags & (TCP_SYN | TCP_ACK)) === TCP_ACK) return isAckProbe(options, header);
  return (flags & TCP_RST) === 0 && (flags & TCP_SYN_FIN_RST_ACK) !== (TCP_SYN | TCP_ACK);
}

/** The same of one with ACK and without SYN. */
function isAckProbe(options: TableOptions, { tcpFlags, destinationPort }: PacketHeader): boolean {
  if (!options.sensesAck || (tcpFlags & TCP_RST) !== 0) return false;
  if ((tcpFlags & (TCP_PSH | TCP_URG)) === TCP_PSH) return false;
  return !isEphemeral(options, destinationPort);
}

/** Whether a datagram that no socket takes can be a probe, and is no late answer. */
function isUdpProbe(options: TableOptions, { sourcePort, destinationPort }: PacketHeader): boolean {
  if (options.udpListed.has(destinationPort)) return !isServersAnswer(sourcePort, destinationPort);
  if (sourcePort < 1024 && destinationPort >= 1024) return false;
  return !isEphemeral(options, destinationPort);
}

function isEphemeral({ ephemeral }: TableOptions, port: number): boolean {
  return port >= ephemeral.first && port <= ephemeral.last;
}

/** An answer of a name, time or web server to what this machine asked. */
function isServersAnswer(sourcePort: number, destinationPort: number): boolean {
  const isServers = sourcePort === 53 || sourcePort === 123 || sourcePort === 443;
  return isServers && destinationPort >= 1024;
}

function placeOf(protocol: number, port: number): number {
  return ((protocol << 16) | port) >>> 0;
}
