/**
 * Finds the logged packets in what an NFLOG socket delivers: probes, what comes back to segments
 * that we sent, and for BLOCK_LOG dropped ones.
 *
 * One datagram holds many messages, one message one packet. Nothing is allocated for a probe or a
 * reply; the kernel's rule bounds dropped packets to some a second, and they may cost an object
 * each. The headers are the kernel's, the payload is the sender's; a message that lies about its
 * lengths is counted and never read past its end, so that any bytes at all may be fed to this
 * decoder.
 *
 * Source: linux/netfilter/nfnetlink_log.h; the layout of a message is in `nfnetlink_log.c`,
 * `__build_packet_message`: `struct nfgenmsg`, then attributes with the payload last.
 */
import {
  ATTRIBUTE_HEADER_BYTES,
  attributeEnd,
  attributeType,
  MESSAGE_HEADER_BYTES,
  messageEnd,
  messageType,
  nextOffset,
} from "./netlink.ts";
import {
  NFNL_SUBSYS_ULOG,
  NFULA_HWHEADER,
  NFULA_IFINDEX_INDEV,
  NFULA_PAYLOAD,
  NFULA_PREFIX,
  NFULA_SEQ,
  NFULNL_MSG_PACKET,
} from "./spec.ts";

const PACKET_MESSAGE = (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_PACKET;
const NFGENMSG_BYTES = 4;
/** A rule that puts its source into the hold set logs with a prefix that begins with this. */
const HOLD_PREFIX = Buffer.from("hold").readUInt32BE();
/** As "probe" and "hold", where the guard is to answer as an open port does. */
const OPEN_PREFIX = Buffer.from("open").readUInt32BE();
const TRAP_PREFIX = Buffer.from("trap").readUInt32BE();
/** As "reply", of a held source to the port of a real service. */
const BAIT_PREFIX = Buffer.from("bait").readUInt32BE();
/** A rule that tells of a packet that is dropped next logs with a prefix that begins with this. */
const DROP_PREFIX = Buffer.from("drop").readUInt32BE();
/** A rule that tells of what may answer a segment of ours logs with a prefix that begins so. */
const REPLY_PREFIX = Buffer.from("reply").readUInt32BE();
/** A step of half the number space or more is a step back: the group was bound anew. */
const HALF_SEQUENCE_SPACE = 0x8000_0000;

/**
 * Takes one logged packet: its network header and what follows are at `start` to `end`. The buffer
 * is reused, so the bytes are valid only during the call. `interfaceIndex`: the kernel's number of
 * the interface where it came in; 0 when it is not known. `looksOpen`: it is a SYN that the guard is
 * to answer as an open port does.
 */
export type OnNflogPacket = (
  buffer: Buffer,
  start: number,
  end: number,
  isHold: boolean,
  looksOpen: boolean,
  interfaceIndex: number,
) => void;

/**
 * Takes one packet that may answer a segment of ours, as {@link OnNflogPacket} takes a probe.
 * `hasService`: a held source has sent it to a port that a real service has; it may be its SYN.
 */
export type OnNflogReply = (
  buffer: Buffer,
  start: number,
  end: number,
  hasService: boolean,
  interfaceIndex: number,
) => void;

/** Where a dropped packet came in, and where its bytes are; offsets count in the buffer. */
export interface DroppedPlace {
  /** Where its network header begins, and what follows ends. */
  readonly start: number;
  readonly end: number;
  /** The kernel's number of the interface; 0 when it is not known. */
  readonly interfaceIndex: number;
  /** The link layer's header, destination first; empty when there is none. */
  readonly linkStart: number;
  readonly linkEnd: number;
}

/** Takes one dropped packet, as {@link OnNflogPacket} takes the others. */
export type OnNflogDrop = (buffer: Buffer, place: DroppedPlace) => void;

export class NflogDecoder {
  #packets = 0;
  #lost = 0;
  #malformed = 0;
  #lastSequence: number | undefined;

  /** Probes handed on. */
  get packets(): number {
    return this.#packets;
  }

  /** Packets that the kernel numbered and that never came (gaps in NFULA_SEQ). */
  get lost(): number {
    return this.#lost;
  }

  /** Messages with wrong lengths or without a payload. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Hands on every packet in the first `length` bytes, in the order of the wire. */
  decode(
    buffer: Buffer,
    length: number,
    onPacket: OnNflogPacket,
    onDrop: OnNflogDrop,
    onReply: OnNflogReply,
  ): void {
    const limit = Math.min(length, buffer.length);
    for (let at = 0; at < limit; ) {
      const end = messageEnd(buffer, at, limit);
      if (end < 0) {
        // Without a length there is no next message to go on with.
        this.#malformed++;
        return;
      }
      // Acknowledgements and the NLMSG_DONE that closes a batch carry no packet.
      if (messageType(buffer, at) === PACKET_MESSAGE) {
        this.#decodePacket(buffer, at, end, onPacket, onDrop, onReply);
      }
      at = nextOffset(end);
    }
  }

  #decodePacket(
    buffer: Buffer,
    messageStart: number,
    limit: number,
    onPacket: OnNflogPacket,
    onDrop: OnNflogDrop,
    onReply: OnNflogReply,
  ): void {
    let payloadStart = -1;
    let payloadEnd = -1;
    let prefix = 0;
    let indexStart = -1;
    let linkStart = 0;
    let linkEnd = 0;
    for (let at = messageStart + MESSAGE_HEADER_BYTES + NFGENMSG_BYTES; at < limit; ) {
      const end = attributeEnd(buffer, at, limit);
      if (end < 0) {
        this.#malformed++;
        return;
      }
      const start = at + ATTRIBUTE_HEADER_BYTES;
      switch (attributeType(buffer, at)) {
        case NFULA_PAYLOAD:
          payloadStart = start;
          payloadEnd = end;
          break;
        case NFULA_PREFIX:
          if (end - start >= 4) prefix = buffer.readUInt32BE(start);
          break;
        case NFULA_IFINDEX_INDEV:
          if (end - start === 4) indexStart = start;
          break;
        case NFULA_HWHEADER:
          linkStart = start;
          linkEnd = end;
          break;
        case NFULA_SEQ:
          if (end - start === 4) this.#countLoss(buffer.readUInt32BE(start));
          break;
      }
      at = nextOffset(end);
    }
    if (payloadStart < 0) {
      this.#malformed++;
      return;
    }
    const interfaceIndex = indexStart < 0 ? 0 : buffer.readUInt32BE(indexStart);
    switch (prefix) {
      case DROP_PREFIX:
        onDrop(buffer, {
          ...{ start: payloadStart, end: payloadEnd },
          ...{ interfaceIndex, linkStart, linkEnd },
        });
        break;
      case REPLY_PREFIX:
      case BAIT_PREFIX:
        onReply(buffer, payloadStart, payloadEnd, prefix === BAIT_PREFIX, interfaceIndex);
        break;
      default: {
        this.#packets++;
        const isHold = prefix === HOLD_PREFIX || prefix === TRAP_PREFIX;
        const looksOpen = prefix === OPEN_PREFIX || prefix === TRAP_PREFIX;
        onPacket(buffer, payloadStart, payloadEnd, isHold, looksOpen, interfaceIndex);
      }
    }
  }

  /** Counts from the first number seen: an earlier reader may have taken what was before it. */
  #countLoss(sequence: number): void {
    const missing =
      this.#lastSequence === undefined ? 0 : (sequence - this.#lastSequence - 1) >>> 0;
    if (missing < HALF_SEQUENCE_SPACE) this.#lost += missing;
    this.#lastSequence = sequence;
  }
}
