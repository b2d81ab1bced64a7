/**
 * What a capture itself shows of whether a source is real.
 *
 * Nothing can be sent to a source of the past, but its answers may be in the capture. Whoever
 * acknowledges our SYN+ACK with our initial sequence number plus one has received it: 32 bits that
 * a forger off the path does not know. On a port that nothing serves that is a completed handshake,
 * and proven; on a real service it shows that the address exists and answers, not that it sent the
 * probes: alive. And so does an RST with the acknowledgement number of a SYN+ACK that acknowledged
 * nothing that was sent: a challenge of a guard that ran when the capture was made.
 *
 * An RST to an ordinary SYN+ACK shows nothing: its number is the forger's own plus one. Memory is
 * fixed; a flood of connections overwrites what waits for its answer, and costs us evidence.
 */
import type { Evidence } from "../model/evidence.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import { TCP_ACK, TCP_RST, TCP_SYN } from "../packet/spec.ts";
import { ExchangeMemory } from "./exchange-memory.ts";
import {
  isOrdinaryReset,
  ordinaryAcknowledgement,
  ordinaryDestination,
  ordinaryDestinationPort,
  ordinarySequence,
  ordinarySource,
  ordinarySourcePort,
} from "./packet-glance.ts";
import { TimedSet } from "./timed-set.ts";

/** How long (ms) an answer still belongs to what it answers. */
const ANSWERED_WITHIN_MS = 60_000;

/** Sources that are remembered to be real, and for how long (ms): as long as a source's record. */
const MAX_ALIVE = 65_536;
const ALIVE_MS = 86_400_000;

const SYN_ACK_RST = TCP_SYN | TCP_ACK | TCP_RST;

/** Times are monotonic milliseconds and never go back. */
export class CaptureProofs {
  /** Sequence numbers of SYNs to us, and of what has neither SYN, ACK nor RST. */
  readonly #asked = new ExchangeMemory();
  /** Our SYN+ACKs: what the next ACK has to acknowledge. */
  readonly #answered = new ExchangeMemory();
  /** Our challenges: what the RST has for its sequence number. */
  readonly #challenged = new ExchangeMemory();
  readonly #alive = new TimedSet(MAX_ALIVE);
  /** By port of theirs: until when an answer to a SYN+ACK or a challenge may come from it. */
  readonly #awaitedUntilMs = new Float64Array(65_536).fill(Number.NEGATIVE_INFINITY);
  /** By port of theirs: answers that may come, or more; scanners open all from one port. */
  readonly #awaited = new Uint32Array(65_536);

  /** Whether the ordinary segment that begins at `start` answers a SYN+ACK or a challenge. */
  isAwaited(bytes: Uint8Array, start: number, nowMs: number): boolean {
    const sourcePort = ordinarySourcePort(bytes, start);
    // Most segments are of connections that stand, and end here.
    if (nowMs > (this.#awaitedUntilMs[sourcePort] as number)) return false;
    const isReset = isOrdinaryReset(bytes, start);
    const wanted = (isReset ? this.#challenged : this.#answered).recallOppositeIpv4(
      ordinarySource(bytes, start),
      sourcePort,
      ordinaryDestination(bytes, start),
      ordinaryDestinationPort(bytes, start),
      nowMs,
      ANSWERED_WITHIN_MS,
    );
    const number = isReset ? ordinarySequence : ordinaryAcknowledgement;
    return wanted === number(bytes, start);
  }

  /** Whether the address is known to be real, by an earlier answer. */
  isAlive(header: PacketHeader, nowMs: number): boolean {
    return this.#alive.has(header.source, 0, nowMs);
  }

  /** Takes a TCP segment that we sent. */
  observeOurs(header: PacketHeader, nowMs: number): void {
    if ((header.tcpFlags & SYN_ACK_RST) !== (TCP_SYN | TCP_ACK)) return;
    const { tcpSequence, tcpAcknowledgement } = header;
    this.#await(header.destinationPort, nowMs);
    const sequence = this.#asked.recallOpposite(header, nowMs, ANSWERED_WITHIN_MS);
    if (sequence !== undefined && tcpAcknowledgement !== (sequence + 1) >>> 0) {
      this.#challenged.remember(header, tcpAcknowledgement, nowMs);
    } else {
      this.#answered.remember(header, (tcpSequence + 1) >>> 0, nowMs);
    }
  }

  /**
   * Takes a TCP segment that came to us.
   * @param hasSocket asked only when the segment completes a handshake.
   * @returns what it shows of its source; undefined: nothing.
   */
  observeTheirs(
    header: PacketHeader,
    hasSocket: () => boolean,
    nowMs: number,
  ): Exclude<Evidence, "claimed"> | undefined {
    switch (header.tcpFlags & SYN_ACK_RST) {
      // NULL, FIN and XMAS probes.
      case 0:
      case TCP_SYN:
        this.#asked.remember(header, header.tcpSequence, nowMs);
        return undefined;
      case TCP_ACK: {
        const wanted = this.#answered.recallOpposite(header, nowMs, ANSWERED_WITHIN_MS);
        if (wanted === undefined || wanted !== header.tcpAcknowledgement) return undefined;
        this.#answered.forgetRecalled();
        this.#settle(header.sourcePort);
        this.#alive.update(header.source, 0, nowMs, ALIVE_MS);
        return hasSocket() ? "alive" : "proven";
      }
      // RFC 9293 has it without ACK; the guard takes either.
      case TCP_RST | TCP_ACK:
      case TCP_RST: {
        const wanted = this.#challenged.recallOpposite(header, nowMs, ANSWERED_WITHIN_MS);
        if (wanted === undefined || wanted !== header.tcpSequence) return undefined;
        this.#challenged.forgetRecalled();
        this.#settle(header.sourcePort);
        this.#alive.update(header.source, 0, nowMs, ALIVE_MS);
        return "alive";
      }
      default:
        return undefined;
    }
  }

  /** One answer more may come from a port of theirs. */
  #await(port: number, nowMs: number): void {
    // What was never answered is forgotten once none of its port waits any more.
    if (nowMs > (this.#awaitedUntilMs[port] as number)) this.#awaited[port] = 0;
    this.#awaited[port] = (this.#awaited[port] as number) + 1;
    this.#awaitedUntilMs[port] = nowMs + ANSWERED_WITHIN_MS;
  }

  /** One has come. The count is never too low: a SYN+ACK that is sent again counts twice. */
  #settle(port: number): void {
    const left = (this.#awaited[port] as number) - 1;
    this.#awaited[port] = left;
    if (left === 0) this.#awaitedUntilMs[port] = Number.NEGATIVE_INFINITY;
  }
}
