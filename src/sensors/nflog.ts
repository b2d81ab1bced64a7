/**
 * The kernel's own report of probes: packets that the nftables table logged to our NFLOG group.
 *
 * The kernel has decided that nobody serves the port, or that a packet without one is to be told;
 * here the bytes are only decoded and named.
 * One header and one probe are filled again and again: a flood allocates nothing a packet, and
 * costs the guard at most `NFLOG_RATE` messages a second. A packet that cannot be decoded is
 * counted. What comes back to a segment that we sent takes the same way, within a limit of its own:
 * it is judged by who sent that segment, and is a proof or nothing. Packets that a ban or a hold
 * dropped come so, too, some a second, and are no probes.
 */
import type { DroppedPlace } from "../kernel/nflog-decode.ts";
import { NflogReader } from "../kernel/nflog-reader.ts";
import { type DroppedPacket, LONGEST_LINK_HEADER } from "../model/dropped-packet.ts";
import type { Proof } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import { decodePacket } from "../packet/decode-packet.ts";
import { PacketHeader } from "../packet/packet-header.ts";
import { TCP_SYN } from "../packet/spec.ts";
import { decodeDropped } from "./dropped-packet.ts";
import { fillPacket, fillPorts, probeOfHeader, type Refilled } from "./header-probe.ts";
import { fillPortless } from "./portless-probe.ts";
import type { Sensor, SensorCounts } from "./sensor.ts";

/**
 * Says what a TCP segment proves that may answer one of ours. `reply` is valid only during the
 * call; `interfaceIndex` and `seenAtMs` as in {@link Probe}.
 * @param hasService a held source has sent it to the port of a real service; it may be its SYN.
 * @returns undefined when it proves nothing.
 */
export type JudgeReply = (
  reply: PacketHeader,
  interfaceIndex: number,
  seenAtMs: number,
  hasService: boolean,
) => Proof["evidence"] | undefined;

export class NflogSensor implements Sensor {
  readonly name = "nflog";
  readonly #monotonicMs: () => number;
  readonly #reader: NflogReader;
  readonly #header = new PacketHeader();
  readonly #probe = probeOfHeader(this.#header, "nflog");
  readonly #proof: Refilled<Proof>;
  readonly #onDropped: (packet: DroppedPacket) => void;
  readonly #judgeReply: JudgeReply;
  #onProbe: (probe: Probe) => void = () => {};
  #onProof: (proof: Proof) => void = () => {};
  #probes = 0;
  #undecodable = 0;

  /**
   * Takes over an inherited, configured NFLOG socket; it needs no privilege to read it. What it
   * calls is called synchronously and must not throw.
   */
  constructor(
    fd: number,
    monotonicMs: () => number,
    onDropped: (packet: DroppedPacket) => void = () => {},
    judgeReply: JudgeReply = () => undefined,
  ) {
    this.#monotonicMs = monotonicMs;
    this.#onDropped = onDropped;
    this.#judgeReply = judgeReply;
    this.#reader = new NflogReader(
      fd,
      (buffer, start, end, isHold, looksOpen, interfaceIndex) =>
        this.#take(buffer, start, end, isHold, looksOpen, interfaceIndex),
      (buffer, place) => this.#takeDropped(buffer, place),
      (buffer, start, end, hasService, interfaceIndex) =>
        this.#takeReply(buffer, start, end, hasService, interfaceIndex),
    );
    this.#proof = { source: this.#header.source, evidence: "alive", port: 0, seenAtMs: 0 };
  }

  start(onProbe: (probe: Probe) => void, onProof: (proof: Proof) => void): void {
    this.#onProbe = onProbe;
    this.#onProof = onProof;
    this.#reader.start();
  }

  counts(): SensorCounts {
    const { lost, overruns, malformed } = this.#reader.counts();
    // How many an overrun has cost shows with the next report, which may be long in coming.
    return {
      probes: this.#probes,
      lost: Math.max(lost, overruns),
      malformed: malformed + this.#undecodable,
    };
  }

  async stop(): Promise<void> {
    await this.#reader.stop();
  }

  #take(
    buffer: Uint8Array,
    start: number,
    end: number,
    isHold: boolean,
    looksOpen: boolean,
    interfaceIndex: number,
  ): void {
    const header = this.#header;
    const probe = this.#probe;
    const outcome = decodePacket(buffer, start, end, header);
    if (outcome === "decoded") {
      fillPorts(header, probe);
    } else if (outcome !== "other-protocol" || !fillPortless(header, probe)) {
      this.#undecodable++;
      return;
    }
    probe.evidence = "claimed";
    probe.header = header;
    probe.startedHold = isHold;
    probe.looksOpen = looksOpen;
    this.#tell(probe, interfaceIndex, this.#monotonicMs());
  }

  /** Tells what was filled in, with what every packet has. */
  #tell(probe: Refilled<Probe>, interfaceIndex: number, seenAtMs: number): void {
    fillPacket(this.#header, seenAtMs, probe);
    probe.interfaceIndex = interfaceIndex;
    this.#probes++;
    this.#onProbe(probe);
  }

  #takeReply(
    buffer: Uint8Array,
    start: number,
    end: number,
    hasService: boolean,
    interfaceIndex: number,
  ): void {
    const header = this.#header;
    if (decodePacket(buffer, start, end, header) !== "decoded" || header.transport !== "tcp") {
      this.#undecodable++;
      return;
    }
    const seenAtMs = this.#monotonicMs();
    const evidence = this.#judgeReply(header, interfaceIndex, seenAtMs, hasService);
    if (evidence === undefined) return;
    if (evidence === "proven") {
      this.#tellConnection(interfaceIndex, seenAtMs);
      return;
    }
    const proof = this.#proof;
    proof.evidence = evidence;
    proof.port = header.destinationPort;
    proof.seenAtMs = seenAtMs;
    this.#onProof(proof);
  }

  /** Who has completed a handshake has visited the port, as a listener would tell it. */
  #tellConnection(interfaceIndex: number, seenAtMs: number): void {
    const header = this.#header;
    const probe = this.#probe;
    probe.transport = "tcp";
    probe.port = header.destinationPort;
    probe.sourcePort = header.sourcePort;
    // It began with a SYN, and is no other kind of scan. This header is not that SYN's.
    probe.tcpFlags = TCP_SYN;
    probe.header = undefined;
    probe.kind = "tcp-connect";
    probe.evidence = "proven";
    probe.startedHold = false;
    probe.looksOpen = false;
    this.#tell(probe, interfaceIndex, seenAtMs);
  }

  #takeDropped(buffer: Buffer, place: DroppedPlace): void {
    const { start, end, interfaceIndex, linkStart, linkEnd } = place;
    const fields = decodeDropped(buffer, start, end);
    if (fields === undefined) {
      this.#undecodable++;
      return;
    }
    const linkHeader = buffer.toString(
      "hex",
      linkStart,
      Math.min(linkEnd, linkStart + LONGEST_LINK_HEADER),
    );
    this.#onDropped({ ...fields, interfaceIndex, linkHeader });
  }
}
