/**
 * Asks the source of a TCP probe whether it is there: a SYN+ACK with an acknowledgement number that
 * nobody can guess.
 *
 * RFC 9293 section 3.10.7 has every stack answer it with a reset whose sequence number is that
 * acknowledgement number, closed (3.10.7.1) or in SYN-SENT (3.10.7.3). Who sends that reset has
 * received our segment, so the address exists and can be reached: "alive". **It does not prove that
 * it sent the probe**: an innocent host answers an unexpected SYN+ACK in the same way. Nothing is
 * kept of a question; the number is made again to check the answer.
 *
 * What a hostile sender can do: have us send a packet of 40 bytes (IPv6: 60) to whom it names, for
 * one of its own of at least that size, within {@link SendBudget}; use that budget up, so that real
 * scanners stay "claimed"; name a live host, which then is "alive"; suppress the resets of its own
 * host and stay "claimed". A reset with a guessed number is right once in 2^31.
 */
import type { Probe } from "../model/probe.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import { TCP_ACK, TCP_RST, TCP_SYN } from "../packet/spec.ts";
import { encodeTcpSegment, type TcpSegment } from "../packet/tcp-segment.ts";
import { AnsweredSources } from "./answered-sources.ts";
import { Cookies } from "./cookie.ts";
import type { Prover } from "./prover.ts";
import { SendBudget, type SendBudgetOptions } from "./send-budget.ts";

/** What sends: the kernel's raw sockets, or a test. */
export interface PacketSender {
  /** The packet to send is written to the beginning of this. */
  readonly packet: Uint8Array;
  /** Sends the first `packetBytes` of it. @returns whether it was taken. Never throws. */
  send(
    packetBytes: number,
    source: AddressWords,
    destination: AddressWords,
    interfaceIndex: number,
  ): boolean;
}

/** Counts since the start; they only grow. */
export interface ChallengeCounts {
  /** Questions that left. */
  readonly sent: number;
  /** Questions that the budget did not allow. */
  readonly capped: number;
  /** Questions that the machine did not send. */
  readonly unsent: number;
  /** Resets with the right number. */
  readonly answered: number;
  /** Resets with another number. */
  readonly wrong: number;
}

/** The interface of the machine's own traffic: LOOPBACK_IFINDEX in net/flow.h. */
const LOOPBACK_INDEX = 1;

/** What Linux offers on Ethernet; nobody reads it. */
const WINDOW = 64_240;

const NOTHING = new Uint8Array();

export class Challenge implements Prover {
  readonly #sender: PacketSender;
  readonly #keys: Pick<SourceKeys, "keyOf">;
  readonly #cookies: Cookies;
  readonly #budget: SendBudget;
  readonly #answered = new AnsweredSources();
  readonly #key: AddressWords = new Uint32Array(4);
  readonly #segment: { -readonly [Field in keyof TcpSegment]: TcpSegment[Field] } = {
    source: this.#key,
    destination: this.#key,
    sourcePort: 0,
    destinationPort: 0,
    sequence: 0,
    acknowledgement: 0,
    flags: TCP_SYN | TCP_ACK,
    window: WINDOW,
    options: NOTHING,
    payload: NOTHING,
  };
  #sent = 0;
  #capped = 0;
  #unsent = 0;
  #answers = 0;
  #wrong = 0;

  constructor(
    options: SendBudgetOptions,
    sender: PacketSender,
    keys: Pick<SourceKeys, "keyOf">,
    cookies = new Cookies("challenge"),
  ) {
    this.#sender = sender;
    this.#keys = keys;
    this.#cookies = cookies;
    this.#budget = new SendBudget(options);
  }

  /** Goes by other numbers from now on. */
  reconfigure(options: SendBudgetOptions): void {
    this.#budget.reconfigure(options);
  }

  answer(probe: Probe): boolean {
    const { source, transport, interfaceIndex, seenAtMs } = probe;
    // A UDP packet has no such answer, a listener's handshake is proof already, and our own
    // machine needs none. Where a probe came from is known of those that the kernel reports.
    if (transport !== "tcp" || probe.evidence !== "claimed") return false;
    if (interfaceIndex === undefined || interfaceIndex === LOOPBACK_INDEX) return false;
    if (this.#budget.isSpent(seenAtMs)) {
      this.#capped++;
      return false;
    }
    this.#keys.keyOf(source, this.#key);
    if (this.#answered.has(this.#key, seenAtMs)) return false;
    if (!this.#budget.take(source, seenAtMs)) {
      this.#capped++;
      return false;
    }
    return this.#ask(probe, interfaceIndex);
  }

  judge(reply: PacketHeader, _interfaceIndex: number, seenAtMs: number): "alive" | undefined {
    if ((reply.tcpFlags & TCP_RST) === 0) return undefined;
    const { source, sourcePort, destination, destinationPort } = reply;
    const number = reply.tcpSequence;
    const isRight = this.#cookies.isNumberOf(
      number,
      source,
      sourcePort,
      destination,
      destinationPort,
      seenAtMs,
    );
    if (!isRight) {
      this.#wrong++;
      return undefined;
    }
    this.#answers++;
    this.#keys.keyOf(source, this.#key);
    this.#answered.add(this.#key, seenAtMs);
    return "alive";
  }

  counts(): ChallengeCounts {
    return {
      sent: this.#sent,
      capped: this.#capped,
      unsent: this.#unsent,
      answered: this.#answers,
      wrong: this.#wrong,
    };
  }

  #ask(probe: Probe, interfaceIndex: number): boolean {
    const { source, sourcePort, destination, port, seenAtMs } = probe;
    const cookies = this.#cookies;
    const segment = this.#segment;
    segment.source = destination;
    segment.destination = source;
    segment.sourcePort = port;
    segment.destinationPort = sourcePort;
    // As unforeseeable as any real one, by a number that nobody is ever asked for.
    segment.sequence = cookies.numberFor(destination, port, source, sourcePort, seenAtMs);
    segment.acknowledgement = cookies.numberFor(source, sourcePort, destination, port, seenAtMs);
    const bytes = encodeTcpSegment(segment, this.#sender.packet);
    const isSent = this.#sender.send(bytes, destination, source, interfaceIndex);
    if (isSent) this.#sent++;
    else this.#unsent++;
    return isSent;
  }
}
