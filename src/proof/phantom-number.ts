/**
 * The first sequence number of a phantom, and what a peer's acknowledgement of it says.
 *
 * The number is the keyed one of the flow, so that whoever acknowledges it has received our SYN+ACK.
 * Its highest bit also holds whether the peer's own first number was odd. So a later segment alone
 * tells how many of our bytes have arrived and, of a peer that has sent none yet, whether its number
 * is that of its first byte or the one before, as a probe of a closed window or of an idle
 * connection has it. That is all that a conversation needs to go on without a memory of it.
 *
 * A forger who cannot see our SYN+ACK has to guess: one in 2^31 segments completes a handshake (the
 * numbers of two minutes are right), and the kernel lets only those come that far which follow a SYN
 * of the same flow. Source: RFC 9293 sections 3.4 and 3.10.7.
 */
import type { AddressWords } from "../net/address-words.ts";
import { COOKIE_EPOCH_MS, type Cookies } from "./cookie.ts";

/** A segment of a peer, as far as numbers go. */
export interface NumberedSegment {
  readonly source: AddressWords;
  readonly destination: AddressWords;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 0 to 4294967295, both. */
  readonly tcpSequence: number;
  readonly tcpAcknowledgement: number;
}

/** How far a peer has come; valid until the next segment is read. */
export interface PhantomProgress {
  /** Bytes of ours that it has acknowledged after our SYN, our FIN among them. */
  readonly receivedBytes: number;
  /**
   * Its number is odd or even as that of its SYN was. As long as the peer has sent no byte, that is
   * the number of its SYN itself, one before its first byte, as a keep-alive or a probe of a closed
   * window has it. Once it has sent some, a number may be either by chance, and this says nothing.
   */
  readonly isBeforeFirstByte: boolean;
}

/** More than any phantom sends: a number further on is no acknowledgement of ours. Bytes. */
const MAX_SENT_BYTES = 0xffff;

export class PhantomNumbers {
  readonly #cookies: Cookies;
  readonly #progress = { receivedBytes: 0, isBeforeFirstByte: false };

  /** @param cookies of the use "phantom". */
  constructor(cookies: Cookies) {
    this.#cookies = cookies;
  }

  /** @returns the sequence number of our SYN+ACK to this SYN. Allocates nothing. */
  firstNumber(syn: NumberedSegment, nowMs: number): number {
    return (this.#numberAt(syn, nowMs) ^ (syn.tcpSequence << 31)) >>> 0;
  }

  /**
   * Reads a segment with ACK and without SYN.
   * @returns undefined when it acknowledges nothing that a phantom has sent in the last two minutes.
   * One object, filled anew. Allocates nothing.
   */
  progressOf(segment: NumberedSegment, nowMs: number): PhantomProgress | undefined {
    return this.#progressIn(segment, nowMs) ?? this.#progressIn(segment, nowMs - COOKIE_EPOCH_MS);
  }

  #progressIn(segment: NumberedSegment, atMs: number): PhantomProgress | undefined {
    const number = this.#numberAt(segment, atMs);
    const distance = (segment.tcpAcknowledgement - 1 - number) >>> 0;
    // The first number is the flow's, or that plus 2^31: the sum has lost its carry either way.
    const receivedBytes = distance & 0x7fff_ffff;
    if (receivedBytes > MAX_SENT_BYTES) return undefined;
    const isPeersNumberOdd = distance >>> 31 === 1;
    this.#progress.receivedBytes = receivedBytes;
    this.#progress.isBeforeFirstByte = (segment.tcpSequence & 1) === (isPeersNumberOdd ? 1 : 0);
    return this.#progress;
  }

  #numberAt(header: NumberedSegment, atMs: number): number {
    const { source, sourcePort, destination, destinationPort } = header;
    return this.#cookies.numberFor(source, sourcePort, destination, destinationPort, atMs);
  }
}
