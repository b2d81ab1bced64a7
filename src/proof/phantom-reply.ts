/**
 * What a phantom answers to a segment of a peer, out of the segment alone.
 *
 * A port that is open answers SYN with SYN+ACK, takes data, gives data, and ends. Nothing is kept
 * of a conversation: the peer's acknowledgement says how far it is. So a lost segment of ours is
 * sent again only when the peer asks, which real services do by themselves.
 *
 * A hostile sender gets at most one segment for each of its own, and none for RST or SYN+ACK; what
 * acknowledges nothing of ours is reset, and a reset is never answered: two phantoms cannot keep
 * each other busy. Data comes after a completed handshake only, so that nobody else can be made to
 * receive it. Source: RFC 9293 section 3.10.7.
 */
import {
  TCP_ACK,
  TCP_FIN,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  TCP_SYN_FIN_RST_ACK,
} from "../packet/spec.ts";
import type { PhantomProgress } from "./phantom-number.ts";
import type { PhantomScript } from "./phantom-script.ts";

/** What a segment of a peer says that matters for an answer. */
export interface PeerSegment {
  /** The octet of control bits. */
  readonly tcpFlags: number;
  /** 0 to 4294967295, both. */
  readonly tcpSequence: number;
  readonly tcpAcknowledgement: number;
  /** As sent. */
  readonly payloadBytes: number;
}

/** A segment of ours, as far as it depends on the conversation; filled again and again. */
export interface PhantomReply {
  flags: number;
  /** 0 to 4294967295, both. */
  sequence: number;
  acknowledgement: number;
  window: number;
  payload: Uint8Array;
}

/** The window of our SYN+ACK: what Linux gives where segments have 1460 bytes. */
const OPEN_WINDOW = 64_240;

/** The window of what follows: the same, if the peer scales it as our SYN+ACK says (by 2^7). */
const SCALED_WINDOW = 502;

/** Most data in one segment: it passes wherever IPv4 does (RFC 791: 576 bytes). Bytes. */
const CHUNK_BYTES = 512;

export const NO_PAYLOAD = new Uint8Array(0);

/** @returns whether these control bits ask for a connection; congestion bits may be set. */
export function isSyn(tcpFlags: number): boolean {
  return (tcpFlags & TCP_SYN_FIN_RST_ACK) === TCP_SYN;
}

/** @returns whether these control bits acknowledge and neither ask for a connection nor reset one. */
export function isOfConversation(tcpFlags: number): boolean {
  return (tcpFlags & (TCP_SYN | TCP_RST | TCP_ACK)) === TCP_ACK;
}

/** Fills `into` with our answer to a SYN. `number`: our first. */
export function replyToSyn(syn: PeerSegment, number: number, into: PhantomReply): void {
  into.flags = TCP_SYN | TCP_ACK;
  into.sequence = number;
  // Data in a SYN (RFC 7413) is not taken: the peer sends it again.
  into.acknowledgement = (syn.tcpSequence + 1) >>> 0;
  into.window = OPEN_WINDOW;
  into.payload = NO_PAYLOAD;
}

/**
 * Fills `into` with our answer to a segment of a conversation.
 * @param progress undefined when it acknowledges nothing of ours.
 * @returns false when it gets no answer.
 */
export function replyToPeer(
  segment: PeerSegment,
  progress: PhantomProgress | undefined,
  script: PhantomScript,
  into: PhantomReply,
): boolean {
  switch (script.answer) {
    case "reset":
      return reset(segment, into);
    case "tarpit":
      // A reset would let go whoever has hung longer than its number is good for.
      return progress !== undefined && drip(segment, progress, script, into);
    case "banner":
      return progress === undefined ? reset(segment, into) : speak(segment, progress, script, into);
  }
}

/** As a closed port does: with the number that the peer expects, so that it believes it. */
function reset({ tcpAcknowledgement }: PeerSegment, into: PhantomReply): true {
  into.flags = TCP_RST;
  into.sequence = tcpAcknowledgement;
  into.acknowledgement = 0;
  into.window = 0;
  into.payload = NO_PAYLOAD;
  return true;
}

/** The text, a piece for each segment of the peer, and our FIN behind it. */
function speak(
  segment: PeerSegment,
  { receivedBytes, isBeforeFirstByte }: PhantomProgress,
  { text, speaksFirst }: PhantomScript,
  into: PhantomReply,
): boolean {
  const isEnding = (segment.tcpFlags & TCP_FIN) !== 0;
  const isBare = segment.payloadBytes === 0 && !isEnding;
  into.window = SCALED_WINDOW;
  into.sequence = segment.tcpAcknowledgement;
  into.payload = NO_PAYLOAD;
  into.flags = TCP_ACK;
  // Nothing was taken yet, so that the number is the peer's first, or asks whether we are there.
  const isAsking = isBare && receivedBytes === 0 && isBeforeFirstByte;
  const taken = segment.payloadBytes + (isEnding || isAsking ? 1 : 0);
  into.acknowledgement = (segment.tcpSequence + taken) >>> 0;
  if (receivedBytes > text.length) {
    // Both sides have ended, or the peer goes on speaking to nobody, or it only acknowledges.
    if (isEnding) return true;
    return segment.payloadBytes > 0 && reset(segment, into);
  }
  if (isBare && receivedBytes === 0 && !speaksFirst) return isAsking;
  into.payload = text.subarray(receivedBytes, receivedBytes + CHUNK_BYTES);
  if (into.payload.length > 0) into.flags |= TCP_PSH;
  if (receivedBytes + into.payload.length === text.length) into.flags |= TCP_FIN;
  return true;
}

/**
 * Nothing is taken, and the window stays closed. A byte comes when the peer asks after the window,
 * or sends what we have not taken again: by its own clock, so that nothing here has to wait. Its
 * acknowledgement of the byte gets no answer, or the two would be as fast as the wire.
 */
function drip(
  segment: PeerSegment,
  { receivedBytes, isBeforeFirstByte }: PhantomProgress,
  { text }: PhantomScript,
  into: PhantomReply,
): boolean {
  const isBare = segment.payloadBytes === 0 && (segment.tcpFlags & TCP_FIN) === 0;
  const isAsking = isBare && isBeforeFirstByte;
  if (isBare && !isAsking && receivedBytes > 0) return false;
  into.flags = TCP_ACK | TCP_PSH;
  into.sequence = segment.tcpAcknowledgement;
  into.acknowledgement = (segment.tcpSequence + (isAsking ? 1 : 0)) >>> 0;
  into.window = 0;
  const place = receivedBytes % text.length;
  into.payload = text.subarray(place, place + 1);
  return true;
}
