/**
 * The packets of a capture as probes: decoded, judged by the model of the kernel, and handed on
 * exactly as the kernel's own reports are.
 *
 * The bytes come from anybody. Nothing here throws, and one header and one probe are filled again
 * and again. Packets to others, and our own, are no business of the kernel's table.
 */
import type { Probe } from "../model/probe.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { CapturedPacket } from "../packet/capture-outlet.ts";
import { decodePacket } from "../packet/decode-packet.ts";
import { PacketHeader } from "../packet/packet-header.ts";
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from "../packet/spec.ts";
import { kindOfTcpFlags } from "../sensors/probe-kind.ts";
import type { Sensor, SensorCounts } from "../sensors/sensor.ts";
import { isForMany } from "./capture-survey.ts";
import type { KernelModel } from "./kernel-model.ts";
import type { CaptureSockets, OwnAddresses } from "./own-machine.ts";
import { isOrdinarySegment } from "./packet-glance.ts";

const SYN_FIN_RST_ACK = TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK;

/** A probe that is filled anew for each packet. */
type MutableProbe = { -readonly [Field in keyof Probe]: Probe[Field] };

/** What a replay tells beside the probes. All are called synchronously and must not throw. */
interface ReplayListener {
  /** A new connection to a real service; `source` is valid during the call alone. */
  onService(source: AddressWords, probe: Probe, isRefused: boolean): void;
  /** A packet of a source that is shut out by then. */
  onShutOut(probe: Probe): void;
}

export interface ReplaySensorParts {
  readonly kernel: KernelModel;
  readonly own: OwnAddresses;
  readonly sockets: CaptureSockets;
  /** Whether the source is shut out at that time. */
  readonly isBanned: (source: AddressWords, atMs: number) => boolean;
  readonly listener: ReplayListener;
  /** Segments with ACK and without SYN can be probes. */
  readonly sensesAck: boolean;
}

export class ReplaySensor implements Sensor {
  readonly name = "capture-file";
  readonly #parts: ReplaySensorParts;
  readonly #header = new PacketHeader();
  readonly #probe: MutableProbe;
  #onProbe: (probe: Probe) => void = () => {};
  #probes = 0;
  #malformed = 0;

  constructor(parts: ReplaySensorParts) {
    this.#parts = parts;
    this.#probe = {
      source: this.#header.source,
      destination: this.#header.destination,
      transport: "tcp",
      port: 0,
      sourcePort: 0,
      kind: "tcp-odd",
      tcpFlags: 0,
      evidence: "claimed",
      sensor: "capture-file",
      startedHold: false,
      hasIpOptions: false,
      isFragment: false,
      header: this.#header,
      seenAtMs: 0,
    };
  }

  start(onProbe: (probe: Probe) => void): void {
    this.#onProbe = onProbe;
  }

  counts(): SensorCounts {
    return { probes: this.#probes, lost: 0, malformed: this.#malformed };
  }

  async stop(): Promise<void> {
    this.#onProbe = () => {};
  }

  /** Takes one packet. @param atMs the virtual clock's monotonic time; never goes back. */
  take(buffer: Uint8Array, { start, end, seenAtEpochMs }: CapturedPacket, atMs: number): void {
    const { sensesAck, own, kernel, sockets, isBanned, listener } = this.#parts;
    if (!sensesAck && isOrdinarySegment(buffer, start, end)) return;
    const header = this.#header;
    switch (decodePacket(buffer, start, end, header)) {
      case "decoded":
        break;
      case "truncated":
      case "malformed":
        this.#malformed += 1;
        return;
      default:
        return;
    }
    if (!own.has(header.destination) || isForMany(header.destination)) return;
    if (own.has(header.source)) return;
    sockets.packetAtEpochMs = seenAtEpochMs;
    if (isBanned(header.source, atMs)) {
      const isProbe = isUnasked(header) && !sockets.hasSocket(header);
      if (isProbe) listener.onShutOut(this.#fill(atMs, false));
      return;
    }
    const finding = kernel.judge(header, atMs);
    switch (finding) {
      case "passed":
      case "refused":
        if (isOpening(header)) {
          listener.onService(header.source, this.#fill(atMs, false), finding === "refused");
        }
        return;
      default:
        this.#probes += 1;
        this.#onProbe(this.#fill(atMs, finding === "hold"));
    }
  }

  #fill(atMs: number, startedHold: boolean): Probe {
    const header = this.#header;
    const probe = this.#probe;
    const isTcp = header.transport === "tcp";
    probe.transport = isTcp ? "tcp" : "udp";
    probe.port = header.destinationPort;
    probe.sourcePort = header.sourcePort;
    probe.tcpFlags = isTcp ? header.tcpFlags : 0;
    probe.kind = isTcp ? kindOfTcpFlags(header.tcpFlags) : "udp";
    probe.startedHold = startedHold;
    probe.hasIpOptions = header.hasIpOptions;
    probe.isFragment = header.isFragment;
    probe.seenAtMs = atMs;
    return probe;
  }
}

/** Whether the packet asks for a connection, or is a datagram. */
function isOpening({ transport, tcpFlags }: PacketHeader): boolean {
  return transport === "udp" || (tcpFlags & SYN_FIN_RST_ACK) === TCP_SYN;
}

/** Whether the packet can be no answer. */
function isUnasked({ transport, tcpFlags }: PacketHeader): boolean {
  return transport === "udp" || (tcpFlags & (TCP_ACK | TCP_RST)) === 0;
}
