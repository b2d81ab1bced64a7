/**
 * Ports that look open and are not: answers a SYN, finds out who completes the handshake, and talks
 * to them as the port's script says, out of raw packets and without any memory of a conversation.
 *
 * The kernel decides which segments come here: SYNs to ports that nothing serves, SYNs of held
 * sources to real services, which must look like all others, and what the senders of such SYNs go
 * on to say. Completing a handshake proves a source, but not where a real service is: whoever wants
 * that service is no scanner, and may have been held by a forger.
 *
 * A forger chooses where an answer goes. It is as long as what it answers, or 4 to 12 bytes longer
 * for the options of a SYN+ACK, is never sent twice, and a budget bounds how many go out in all and
 * to one network; what is beyond is counted and gets none.
 */

import { PHANTOM_TALK_RATE } from "../kernel/table-phantom.ts";
import type { Probe } from "../model/probe.ts";
import { isIpv4Words } from "../net/address-words.ts";
import { HAS_SACK_PERMITTED, HAS_WINDOW_SCALE } from "../net/tcp-option-kinds.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import { TCP_SYN } from "../packet/spec.ts";
import { encodeTcpSegment, type TcpSegment } from "../packet/tcp-segment.ts";
import type { PacketSender } from "./challenge.ts";
import { Cookies } from "./cookie.ts";
import { type NumberedSegment, PhantomNumbers, type PhantomProgress } from "./phantom-number.ts";
import {
  isOfConversation,
  isSyn,
  NO_PAYLOAD,
  type PeerSegment,
  type PhantomReply,
  replyToPeer,
  replyToSyn,
} from "./phantom-reply.ts";
import type { PhantomScripts } from "./phantom-script.ts";
import type { Prover } from "./prover.ts";
import { SendBudget, type SendBudgetOptions } from "./send-budget.ts";

export interface PhantomOptions {
  /** SYN+ACKs a second in all; one network gets half of them. 1 to 100 000. */
  readonly perSecond: number;
  readonly scripts: PhantomScripts;
}

/** Counts since the phantom was made; they only grow. */
export interface PhantomCounts {
  /** Segments that left. */
  readonly sent: number;
  /** Segments that the budgets did not allow. */
  readonly capped: number;
  /** Segments that the machine did not send. */
  readonly unsent: number;
  /** Handshakes that were completed on a port that nothing serves. */
  readonly completed: number;
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/** Handshakes that were told last, so that the data behind one does not tell it again. */
const TOLD_NUMBERS = 1024;

/**
 * What one network may get of the segments to those who talk, of which {@link PHANTOM_TALK_RATE} is
 * the bound for all: 500 at once, then one in 2 ms. A conversation is a few segments.
 */
const TALK_TO_NETWORK = { burst: 500, intervalMs: 2 };

/** Largest segment that a network of 1500 bytes carries. RFC 9293 section 3.7.1. */
const SEGMENT_BYTES = { 4: 1460, 6: 1440 } as const;

/** What a phantom reads of a segment; a decoded header is one. */
interface PeerHeader extends NumberedSegment, PeerSegment {
  readonly version: 4 | 6;
  readonly tcpOptionKinds: number;
}

export class Phantom implements Prover {
  readonly #sender: PacketSender;
  readonly #numbers: PhantomNumbers;
  readonly #synBudget: SendBudget;
  /** Its own, so that no flood of SYNs ends the conversations. */
  readonly #talkBudget: SendBudget;
  #scripts: PhantomScripts;
  readonly #syn: Writable<PeerHeader>;
  readonly #reply: PhantomReply = {
    flags: 0,
    sequence: 0,
    acknowledgement: 0,
    window: 0,
    payload: NO_PAYLOAD,
  };
  readonly #segment: Writable<TcpSegment>;
  /** A number at the place that its low bits say: whoever overwrites one has it told again. */
  readonly #told = new Uint32Array(TOLD_NUMBERS);
  #sent = 0;
  #capped = 0;
  #unsent = 0;
  #completed = 0;

  constructor(
    { perSecond, scripts }: PhantomOptions,
    sender: PacketSender,
    cookies = new Cookies("phantom"),
  ) {
    this.#sender = sender;
    this.#numbers = new PhantomNumbers(cookies);
    this.#scripts = scripts;
    this.#synBudget = new SendBudget(synBudgetOf(perSecond));
    this.#talkBudget = new SendBudget({
      perSecond: PHANTOM_TALK_RATE,
      perNetwork: TALK_TO_NETWORK,
    });
    const nobody = new Uint32Array(4);
    const flow = { source: nobody, destination: nobody, sourcePort: 0, destinationPort: 0 };
    this.#segment = { ...this.#reply, ...flow, options: NO_PAYLOAD };
    this.#syn = {
      ...{ ...flow, version: 4, tcpFlags: TCP_SYN, payloadBytes: 0, tcpOptionKinds: 0 },
      ...{ tcpSequence: 0, tcpAcknowledgement: 0 },
    };
  }

  /** Goes by other numbers, texts and answers; conversations go on. */
  reconfigure({ perSecond, scripts }: PhantomOptions): void {
    this.#synBudget.reconfigure(synBudgetOf(perSecond));
    this.#scripts = scripts;
  }

  answer(probe: Probe): boolean {
    const { header, interfaceIndex = 0, seenAtMs } = probe;
    if (probe.looksOpen !== true || header === undefined) return false;
    const syn = this.#syn;
    syn.version = header.version;
    syn.source = probe.source;
    syn.destination = probe.destination;
    syn.sourcePort = probe.sourcePort;
    syn.destinationPort = probe.port;
    syn.tcpSequence = header.tcpSequence;
    syn.tcpOptionKinds = header.tcpOptionKinds;
    this.#open(syn, interfaceIndex, seenAtMs);
    // Also where the budget did not allow it: a question instead would tell the port from others.
    return true;
  }

  judge(
    reply: PacketHeader,
    interfaceIndex: number,
    seenAtMs: number,
    hasService: boolean,
  ): "proven" | undefined {
    if (hasService && isSyn(reply.tcpFlags)) this.#open(reply, interfaceIndex, seenAtMs);
    // An innocent host resets an answer to what it has not asked; a reset must not prove it.
    if (!isOfConversation(reply.tcpFlags)) return undefined;
    const progress = this.#numbers.progressOf(reply, seenAtMs);
    const isCompleted = !hasService && this.#completes(reply, progress);
    if (isCompleted) this.#completed++;
    this.#talk(reply, progress, interfaceIndex, seenAtMs);
    return isCompleted ? "proven" : undefined;
  }

  counts(): PhantomCounts {
    return {
      sent: this.#sent,
      capped: this.#capped,
      unsent: this.#unsent,
      completed: this.#completed,
    };
  }

  #open(syn: PeerHeader, interfaceIndex: number, nowMs: number): void {
    replyToSyn(syn, this.#numbers.firstNumber(syn, nowMs), this.#reply);
    this.#send(syn, optionsFor(syn), this.#synBudget, interfaceIndex, nowMs);
  }

  #talk(
    segment: PacketHeader,
    progress: PhantomProgress | undefined,
    interfaceIndex: number,
    nowMs: number,
  ): void {
    const script = this.#scripts.of(segment.destinationPort);
    if (!replyToPeer(segment, progress, script, this.#reply)) return;
    this.#send(segment, NO_PAYLOAD, this.#talkBudget, interfaceIndex, nowMs);
  }

  /** The peer acknowledges our SYN and nothing behind it, by the number of its own first byte. */
  #completes({ tcpAcknowledgement }: PacketHeader, progress: PhantomProgress | undefined): boolean {
    if (progress === undefined || progress.receivedBytes > 0 || progress.isBeforeFirstByte) {
      return false;
    }
    const place = tcpAcknowledgement % TOLD_NUMBERS;
    if (this.#told[place] === tcpAcknowledgement) return false;
    this.#told[place] = tcpAcknowledgement;
    return true;
  }

  #send(
    peer: NumberedSegment,
    options: Uint8Array,
    budget: SendBudget,
    interfaceIndex: number,
    nowMs: number,
  ): void {
    // An IPv4 address in one half of an IPv6 header: no kernel lets it come so far.
    if (isIpv4Words(peer.source) !== isIpv4Words(peer.destination)) return;
    if (!budget.take(peer.source, nowMs)) {
      this.#capped++;
      return;
    }
    const bytes = encodeTcpSegment(this.#address(peer, options), this.#sender.packet);
    const isSent = this.#sender.send(bytes, peer.destination, peer.source, interfaceIndex);
    if (isSent) this.#sent++;
    else this.#unsent++;
  }

  /** @returns the segment with our reply, back to where the peer's came from. */
  #address(peer: NumberedSegment, options: Uint8Array): TcpSegment {
    const segment = this.#segment;
    const reply = this.#reply;
    segment.source = peer.destination;
    segment.destination = peer.source;
    segment.sourcePort = peer.destinationPort;
    segment.destinationPort = peer.sourcePort;
    segment.sequence = reply.sequence;
    segment.acknowledgement = reply.acknowledgement;
    segment.flags = reply.flags;
    segment.window = reply.window;
    segment.options = options;
    segment.payload = reply.payload;
    return segment;
  }
}

/** A whole scan by one source is answered; a network that a forger names gets half of all. */
function synBudgetOf(perSecond: number): SendBudgetOptions {
  const burst = Math.max(1, perSecond / 2);
  return { perSecond, perNetwork: { burst, intervalMs: 1000 / burst } };
}

/** Options of a SYN+ACK by what the SYN has: made once, in the order in which Linux has them. */
const OPTIONS = { 4: makeOptions(SEGMENT_BYTES[4]), 6: makeOptions(SEGMENT_BYTES[6]) } as const;

/** Only what the peer offers is taken up (RFC 2018 section 2, RFC 7323 section 2.2). */
function optionsFor({ version, tcpOptionKinds }: PeerHeader): Uint8Array {
  const { plain, selective, scaled, both } = OPTIONS[version];
  const hasSelective = (tcpOptionKinds & HAS_SACK_PERMITTED) !== 0;
  const hasScale = (tcpOptionKinds & HAS_WINDOW_SCALE) !== 0;
  if (hasScale) return hasSelective ? both : scaled;
  return hasSelective ? selective : plain;
}

function makeOptions(segmentBytes: number) {
  const size = [2, 4, segmentBytes >>> 8, segmentBytes & 0xff];
  const selective = [1, 1, 4, 2];
  const scale = [1, 3, 3, 7];
  return {
    plain: Uint8Array.from(size),
    selective: Uint8Array.from([...size, ...selective]),
    scaled: Uint8Array.from([...size, ...scale]),
    both: Uint8Array.from([...size, ...selective, ...scale]),
  };
}
