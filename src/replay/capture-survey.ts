/**
 * The first reading of a capture: which addresses are ours, and which of their ports are open.
 *
 * Nobody knows the sockets of a machine from a capture of it, so what answers is open. A SYN+ACK
 * counts when it acknowledges the SYN before it; one that acknowledges another number is somebody's
 * challenge and opens nothing. For UDP an answer to a question counts.
 *
 * The bytes come from anybody: what is undecodable is passed over here and counted by the second
 * reading. All memory is bounded by what holds it.
 */
import type { AddressWords } from "../net/address-words.ts";
import type { CapturedPacket } from "../packet/capture-outlet.ts";
import { PacketHeader } from "../packet/packet-header.ts";
import {
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  TCP_ACK,
  TCP_RST,
  TCP_SYN,
  TCP_SYN_FIN_RST_ACK,
} from "../packet/spec.ts";
import { fillPortless } from "../sensors/portless-probe.ts";
import { AddressRoles } from "./address-roles.ts";
import { ExchangeMemory } from "./exchange-memory.ts";
import { isOrdinaryReset, isOrdinarySegment } from "./packet-glance.ts";
import { PortHistory } from "./port-history.ts";
import { WholePackets } from "./whole-packets.ts";

/** How long (ms) after a packet its answer still belongs to it. */
const ANSWERED_WITHIN_MS = 60_000;

export class CaptureSurvey {
  readonly roles = new AddressRoles();
  readonly ports = new PortHistory();
  readonly #packets = new WholePackets();
  readonly #header = new PacketHeader();
  /** Filled to know whether it can be. */
  readonly #request: Parameters<typeof fillPortless>[1] = {
    ...{ transport: "ip", port: 0, sourcePort: 0, tcpFlags: 0, kind: "ip-protocol" },
  };
  /** What was asked lately: sequence numbers of TCP, 0 for UDP. */
  readonly #asked = new ExchangeMemory();
  #firstAtEpochMs: number | undefined;

  /** When the first packet was captured; undefined: there was none. */
  get firstAtEpochMs(): number | undefined {
    return this.#firstAtEpochMs;
  }

  /** Takes one packet; to be given to `readCapture`. */
  observe(buffer: Uint8Array, { start, end, seenAtEpochMs }: CapturedPacket): void {
    this.#firstAtEpochMs ??= seenAtEpochMs;
    if (isOrdinarySegment(buffer, start, end) && !isOrdinaryReset(buffer, start)) return;
    const header = this.#header;
    const outcome = this.#packets.decode(buffer, start, end, seenAtEpochMs, header);
    if (outcome === "other-protocol") this.#observeOther(header);
    if (outcome !== "decoded") return;
    if (header.protocol === PROTOCOL_TCP) this.#observeTcp(header, seenAtEpochMs);
    else this.#observeUdp(header, seenAtEpochMs);
  }

  #observeTcp(header: PacketHeader, atEpochMs: number): void {
    const { source, destination, sourcePort, tcpFlags, tcpSequence, tcpAcknowledgement } = header;
    switch (tcpFlags & TCP_SYN_FIN_RST_ACK) {
      case TCP_SYN:
        this.#ask(header, tcpSequence, atEpochMs);
        return;
      case TCP_SYN | TCP_ACK: {
        const sequence = this.#asked.recallOpposite(header, atEpochMs, ANSWERED_WITHIN_MS);
        if (sequence !== undefined && tcpAcknowledgement !== (sequence + 1) >>> 0) return;
        this.ports.observeOpen(source, PROTOCOL_TCP, sourcePort, atEpochMs);
        // Nobody has seen it asked, so the answer has to say it.
        if (sequence === undefined) this.roles.observe(destination, source);
        return;
      }
      case TCP_RST | TCP_ACK:
        // RFC 9293 section 3.10.7.1: SEQ=0 in answer to a segment without ACK.
        if (tcpSequence !== 0) return;
        this.ports.observeClosed(source, PROTOCOL_TCP, sourcePort, atEpochMs);
        return;
      case TCP_RST:
        this.#observeReset(header, atEpochMs);
        return;
      default:
        if ((tcpFlags & (TCP_ACK | TCP_RST)) === 0) this.#ask(header, tcpSequence, atEpochMs);
    }
  }

  /**
   * An RST without ACK answers a segment with ACK (RFC 9293 section 3.10.7.1). Where no SYN was
   * seen of the flow, that was nobody's connection: an ACK scan, and its target answers.
   */
  #observeReset(header: PacketHeader, atEpochMs: number): void {
    if (this.#asked.recall(header, atEpochMs, ANSWERED_WITHIN_MS) !== undefined) return;
    if (this.#asked.recallOpposite(header, atEpochMs, ANSWERED_WITHIN_MS) !== undefined) return;
    this.roles.observe(header.destination, header.source);
  }

  /** A ping, or a protocol without ports; their answers ask for nothing. */
  #observeOther(header: PacketHeader): void {
    if (isForMany(header.destination) || !fillPortless(header, this.#request)) return;
    this.roles.observe(header.source, header.destination);
  }

  #observeUdp(header: PacketHeader, atEpochMs: number): void {
    const question = this.#asked.recallOpposite(header, atEpochMs, ANSWERED_WITHIN_MS);
    if (question === undefined) this.#ask(header, 0, atEpochMs);
    else this.ports.observeOpen(header.source, PROTOCOL_UDP, header.sourcePort, atEpochMs);
  }

  #ask(header: PacketHeader, value: number, atEpochMs: number): void {
    this.#asked.remember(header, value, atEpochMs);
    if (!isForMany(header.destination)) this.roles.observe(header.source, header.destination);
  }
}

/** Multicast and limited broadcast: RFC 5771, RFC 4291 section 2.7, RFC 919. */
export function isForMany(words: AddressWords): boolean {
  const first = words[0] as number;
  const last = words[3] as number;
  if (first === 0 && words[2] === 0xffff) return last >>> 28 === 0xe || last === 0xffffffff;
  return first >>> 24 === 0xff;
}
