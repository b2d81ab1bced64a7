/**
 * The packets of a capture as probes: decoded, judged by the model of the kernel, and handed on
 * exactly as the kernel's own reports are.
 *
 * The bytes come from anybody. Nothing here throws, and one header and one probe are filled again
 * and again. Packets to others, and our own, are no business of the kernel's table.
 */
import type { Proof } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { CapturedPacket } from "../packet/capture-outlet.ts";
import { PacketHeader } from "../packet/packet-header.ts";
import { TCP_ACK, TCP_RST, TCP_SYN, TCP_SYN_FIN_RST_ACK } from "../packet/spec.ts";
import { fillPacket, fillPorts, probeOfHeader, type Refilled } from "../sensors/header-probe.ts";
import { fillPortless } from "../sensors/portless-probe.ts";
import type { Sensor, SensorCounts } from "../sensors/sensor.ts";
import { CaptureProofs } from "./capture-proofs.ts";
import type { CaptureSessions } from "./capture-sessions.ts";
import { isForMany } from "./capture-survey.ts";
import type { GateModel } from "./gate-model.ts";
import type { KernelModel } from "./kernel-model.ts";
import type { OtherModel } from "./other-model.ts";
import type { CaptureSockets, OwnAddresses } from "./own-machine.ts";
import { isOrdinaryEnd, isOrdinarySegment } from "./packet-glance.ts";
import { WholePackets } from "./whole-packets.ts";

/**
 * What a replay tells beside the probes. What is passed is valid during the call alone. Both are
 * called synchronously and must not throw.
 */
interface ReplayListener {
  /** Who opens a connection to a real service, or sends it a datagram. */
  onVisitor(source: AddressWords): void;
  /** What would have been a probe, of a source that is shut out by then. */
  onShutOut(probe: Probe): void;
}

export interface ReplaySensorParts {
  readonly gate: GateModel;
  readonly kernel: KernelModel;
  readonly other: OtherModel;
  readonly own: OwnAddresses;
  readonly sockets: CaptureSockets;
  readonly sessions: CaptureSessions;
  readonly listener: ReplayListener;
  /** Segments with ACK and without SYN can be probes. */
  readonly sensesAck: boolean;
  /** Pings, and protocols without ports, can be probes. */
  readonly sensesOther: boolean;
}

/** Packets that were not judged, and might have been. */
export interface PassedOver {
  /**
   * Probes of any kind, openings of connections and datagrams, from one of our addresses to
   * another, or to itself.
   */
  readonly fromInside: number;
  /** The same to others than us, where no packet at all was to us; else 0. */
  readonly toOthers: number;
  /** Pings, and protocols without ports, that SENSE_OTHER would tell; 0 when it does. */
  readonly portless: number;
}

export class ReplaySensor implements Sensor {
  readonly name = "capture-file";
  readonly #parts: ReplaySensorParts;
  readonly #header = new PacketHeader();
  readonly #probe = probeOfHeader(this.#header, "capture-file");
  readonly #packets = new WholePackets();
  readonly #proofs = new CaptureProofs();
  readonly #hasSocket = () => this.#parts.sockets.hasSocket(this.#header);
  #onProbe: (probe: Probe) => void = () => {};
  #onProof: (proof: Proof) => void = () => {};
  #probes = 0;
  #malformed = 0;
  #fromInside = 0;
  #toOthers = 0;
  #isOneOurs = false;
  #portless = 0;

  constructor(parts: ReplaySensorParts) {
    this.#parts = parts;
  }

  start(onProbe: (probe: Probe) => void, onProof: (proof: Proof) => void): void {
    this.#onProbe = onProbe;
    this.#onProof = onProof;
  }

  counts(): SensorCounts {
    return { probes: this.#probes, lost: 0, malformed: this.#malformed };
  }

  passedOver(): PassedOver {
    const toOthers = this.#isOneOurs ? 0 : this.#toOthers;
    return { fromInside: this.#fromInside, toOthers, portless: this.#portless };
  }

  async stop(): Promise<void> {
    this.#onProbe = () => {};
    this.#onProof = () => {};
  }

  /** Takes one packet. @param atMs the virtual clock's monotonic time; never goes back. */
  take(buffer: Uint8Array, { start, end, seenAtEpochMs }: CapturedPacket, atMs: number): void {
    if (this.#isUntelling(buffer, start, end, atMs)) return;
    const header = this.#header;
    switch (this.#packets.decode(buffer, start, end, atMs, header)) {
      case "decoded":
        this.#parts.sockets.setTime(atMs, seenAtEpochMs);
        this.#parts.sessions.setTime(atMs);
        this.#sort(atMs);
        return;
      case "other-protocol":
        this.#sortOther(atMs);
        return;
      case "later-fragment":
        return;
      case "truncated":
      case "malformed":
        this.#malformed += 1;
    }
  }

  /** Whether it is a segment of a running connection, of which nothing more need be known. */
  #isUntelling(buffer: Uint8Array, start: number, end: number, atMs: number): boolean {
    const { sensesAck, sessions } = this.#parts;
    if (sensesAck || !isOrdinarySegment(buffer, start, end)) return false;
    if (sessions.hasOpen && isOrdinaryEnd(buffer, start)) return false;
    return !this.#proofs.isAwaited(buffer, start, atMs);
  }

  /** What has no port: ours, to us, or none of our business. */
  #sortOther(atMs: number): void {
    const { own, gate, other, listener, sensesOther } = this.#parts;
    const header = this.#header;
    if (own.has(header.source)) {
      other.observeOurs(header, atMs);
      return;
    }
    if (!own.has(header.destination) || isForMany(header.destination)) return;
    if (!fillPortless(header, this.#probe)) return;
    if (gate.isShut(header.source, atMs)) {
      const isProbe = sensesOther && other.wouldTell(header, atMs);
      if (isProbe) listener.onShutOut(this.#fill(atMs, false));
      return;
    }
    if (!other.tells(header, atMs)) return;
    if (!sensesOther) {
      this.#portless += 1;
      return;
    }
    this.#probes += 1;
    this.#onProbe(this.#fill(atMs, false));
  }

  /** Ours, to us, or none of our business. */
  #sort(atMs: number): void {
    const { own, sessions } = this.#parts;
    const header = this.#header;
    const isTcp = header.transport === "tcp";
    if (own.has(header.source)) {
      if (isTcp) this.#proofs.observeOurs(header, atMs);
      this.#parts.sockets.observeOurs(header);
      sessions.end(header, true);
      if (isQuestion(header) && own.has(header.destination)) this.#fromInside += 1;
      return;
    }
    if (!own.has(header.destination) || isForMany(header.destination)) {
      if (isQuestion(header)) this.#toOthers += 1;
      return;
    }
    this.#isOneOurs = true;
    if (isTcp) this.#weigh(atMs);
    sessions.end(header, false);
    this.#sense(atMs);
  }

  /** Whether the packet shows that its source is real. */
  #weigh(atMs: number): void {
    const header = this.#header;
    const evidence = this.#proofs.observeTheirs(header, this.#hasSocket, atMs);
    if (evidence === undefined) return;
    // Alive by a handshake, and not by an answer to a challenge: with a service.
    const isReset = (header.tcpFlags & TCP_RST) !== 0;
    // On the guarded machine a ban would have stopped it, however it went in the capture.
    const { gate, sessions } = this.#parts;
    const isSession = evidence === "alive" && !isReset && !gate.isShut(header.source, atMs);
    if (isSession) sessions.begin(header);
    this.#onProof({
      source: header.source,
      evidence,
      port: header.destinationPort,
      seenAtMs: atMs,
    });
  }

  /** The kernel's way: gate, then sense. */
  #sense(atMs: number): void {
    const { gate, kernel, listener } = this.#parts;
    const header = this.#header;
    if (gate.isShut(header.source, atMs)) {
      if (kernel.wouldSense(header, atMs)) listener.onShutOut(this.#fillWithPorts(atMs, false));
      return;
    }
    const finding = kernel.judge(header, atMs);
    switch (finding) {
      case "passed":
      case "refused":
        if (isOpening(header) && this.#hasSocket()) listener.onVisitor(header.source);
        return;
      case "probe":
      case "hold":
      case "watched":
        this.#probes += 1;
        this.#onProbe(this.#fillWithPorts(atMs, finding === "hold"));
    }
  }

  /** Fills the probe from a header whose outcome is "decoded". */
  #fillWithPorts(atMs: number, startedHold: boolean): Refilled<Probe> {
    fillPorts(this.#header, this.#probe);
    return this.#fill(atMs, startedHold);
  }

  /** Fills what every packet says; what it asks for has been filled. */
  #fill(atMs: number, startedHold: boolean): Refilled<Probe> {
    const header = this.#header;
    const probe = this.#probe;
    fillPacket(header, atMs, probe);
    probe.evidence = this.#proofs.isAlive(header, atMs) ? "alive" : "claimed";
    probe.startedHold = startedHold;
    return probe;
  }
}

/** Whether the packet can be no answer, or is a datagram. */
function isQuestion({ transport, tcpFlags }: PacketHeader): boolean {
  return transport === "udp" || (tcpFlags & (TCP_ACK | TCP_RST)) === 0;
}

/** Whether the packet asks for a connection, or is a datagram. */
function isOpening({ transport, tcpFlags }: PacketHeader): boolean {
  return transport === "udp" || (tcpFlags & TCP_SYN_FIN_RST_ACK) === TCP_SYN;
}
