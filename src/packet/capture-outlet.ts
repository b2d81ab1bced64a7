/**
 * Where the packets of a capture come out: IP packets are handed on, everything is counted.
 *
 * One object is filled again and again, so that a file of any length allocates nothing a packet.
 */
import { BROKEN_FRAME, findIpPacket, NOT_IP, UNKNOWN_LINK } from "./link-layer.ts";

/** One captured IP packet; valid only during the call that hands it on. */
export interface CapturedPacket {
  /** Where the IP header begins; counts in the buffer. */
  readonly start: number;
  /**
   * Where the captured bytes end. The packet may be longer, when the capture cut it, or shorter,
   * when Ethernet padded it.
   */
  readonly end: number;
  /**
   * When it was captured, with fractions, true to a quarter of a microsecond. It may lie before
   * that of an earlier packet. A packet without a time has that of the packet before, or 0.
   */
  readonly seenAtEpochMs: number;
  /** The number of its link layer: "Link-Layer Header Types" of tcpdump.org. */
  readonly linkType: number;
}

/** Takes one IP packet. The buffer and the object are reused; it must not throw. */
export type OnCapturedPacket = (buffer: Uint8Array, packet: CapturedPacket) => void;

/** Counts since the capture's beginning. `packets` is the sum of the four after it. */
export interface CaptureCounts {
  packets: number;
  /** IP packets, which were handed on. */
  ip: number;
  /** Frames of something else, such as ARP. */
  notIp: number;
  /** Frames cut before the IP packet, and frames that contradict themselves. */
  broken: number;
  /** Frames of a link type that is not read. */
  unknownLink: number;
  /** Packets whose time lies before that of the packet before them. */
  outOfOrder: number;
  /** Packets whose record has no time (pcapng's simple packet block). */
  untimed: number;
}

export class CaptureOutlet {
  readonly counts: CaptureCounts = {
    packets: 0,
    ip: 0,
    notIp: 0,
    broken: 0,
    unknownLink: 0,
    outOfOrder: 0,
    untimed: 0,
  };
  /** The first link type that is not read; undefined while there was none. */
  unknownLinkType: number | undefined;
  readonly #onPacket: OnCapturedPacket;
  readonly #packet = { start: 0, end: 0, seenAtEpochMs: 0, linkType: 0 };

  constructor(onPacket: OnCapturedPacket) {
    this.#onPacket = onPacket;
  }

  /** Takes the frame from `start` to `end`, captured at that time. */
  deliver(
    bytes: Uint8Array,
    start: number,
    end: number,
    linkType: number,
    seenAtEpochMs: number,
  ): void {
    const packet = this.#packet;
    if (seenAtEpochMs < packet.seenAtEpochMs && this.counts.packets > this.counts.untimed) {
      this.counts.outOfOrder++;
    }
    packet.seenAtEpochMs = seenAtEpochMs;
    this.#handOn(bytes, start, end, linkType);
  }

  /** Takes a frame whose record says no time. */
  deliverUntimed(bytes: Uint8Array, start: number, end: number, linkType: number): void {
    this.counts.untimed++;
    this.#handOn(bytes, start, end, linkType);
  }

  #handOn(bytes: Uint8Array, start: number, end: number, linkType: number): void {
    const { counts } = this;
    counts.packets++;
    const ipStart = findIpPacket(linkType, bytes, start, end);
    switch (ipStart) {
      case NOT_IP:
        counts.notIp++;
        return;
      case BROKEN_FRAME:
        counts.broken++;
        return;
      case UNKNOWN_LINK:
        counts.unknownLink++;
        this.unknownLinkType ??= linkType;
        return;
    }
    const packet = this.#packet;
    packet.start = ipStart;
    packet.end = end;
    packet.linkType = linkType;
    counts.ip++;
    this.#onPacket(bytes, packet);
  }
}
