/**
 * Puts the pieces of IPv4 datagrams together, as the kernel does before its input hook: the hook
 * never sees a fragment, and a scan in tiny fragments (nmap -f) is a scan.
 *
 * The pieces come from anybody. A datagram is given up when its pieces overlap or contradict one
 * another (RFC 5722 for IPv6, which Linux follows for IPv4), and {@link LIFETIME_MS} after its
 * first piece. Memory is fixed: {@link PLACES} datagrams in the making, of which a newer one pushes
 * out an older one of the same place, so that a flood of pieces costs us datagrams, never memory.
 * Only what may hold headers is kept of each. Places are the same in every run, because the same
 * capture has to be judged alike.
 *
 * IPv6 pieces are left as they are: the kernel's hook sees them one by one, too.
 */
import { uint8At, uint16At, uint32At } from "../packet/network-order.ts";
import {
  IPV4_FRAGMENT_OFFSET_MASK,
  IPV4_HEADER_MIN_BYTES,
  IPV4_MORE_FRAGMENTS,
} from "../packet/spec.ts";

/** Datagrams in the making at once; a power of two. */
const PLACES = 1024;

/** How long (ms) the kernel waits for the rest: net.ipv4.ipfrag_time. */
const LIFETIME_MS = 30_000;

/** Kept of what follows the IP header: TCP's longest header is 60 bytes. */
const KEPT_BYTES = 64;

/** Pieces begin at multiples of this: RFC 791 section 3.1. */
const UNIT_BYTES = 8;

/** A datagram of 65,535 bytes has so many units; one bit each. */
const UNIT_WORDS = 8192 / 32;

interface Pieces {
  readonly key: Uint32Array;
  /** The beginning of time: nothing is in the making here. */
  startedAtMs: number;
  /** Units that have come, one bit each. */
  readonly units: Uint32Array;
  unitCount: number;
  /** Bytes behind the IP header; 0 while the last piece has not come. */
  totalBytes: number;
  /** An IPv4 header without options, then {@link KEPT_BYTES}. */
  readonly packet: Uint8Array;
}

export class Datagrams {
  readonly #places: (Pieces | undefined)[] = new Array(PLACES);
  readonly #key = new Uint32Array(3);

  /**
   * Takes one piece; the caller has seen that the bytes from `start` to `end` begin with a valid
   * IPv4 header, and that this is a fragment.
   * @returns the beginning of the datagram when it is whole now, with its true length in its
   * header; valid until the next call.
   */
  take(bytes: Uint8Array, start: number, end: number, atMs: number): Uint8Array | undefined {
    const headerBytes = (uint8At(bytes, start) & 0x0f) * 4;
    const fragmentation = uint16At(bytes, start + 6);
    const offsetBytes = (fragmentation & IPV4_FRAGMENT_OFFSET_MASK) * UNIT_BYTES;
    const pieceBytes = uint16At(bytes, start + 2) - headerBytes;
    const isLast = (fragmentation & IPV4_MORE_FRAGMENTS) === 0;
    const place = this.#locate(bytes, start);
    const pieces = this.#begin(place, atMs);
    const isSound =
      pieceBytes > 0 &&
      offsetBytes + pieceBytes <= 0xffff - IPV4_HEADER_MIN_BYTES &&
      (isLast || pieceBytes % UNIT_BYTES === 0) &&
      (pieces.totalBytes === 0 || (!isLast && offsetBytes + pieceBytes <= pieces.totalBytes));
    const unitCount = Math.ceil(pieceBytes / UNIT_BYTES);
    const marked = isSound ? mark(pieces, offsetBytes / UNIT_BYTES, unitCount) : "overlapping";
    if (marked === "repeated") return undefined;
    if (marked === "overlapping") {
      pieces.startedAtMs = Number.NEGATIVE_INFINITY;
      return undefined;
    }
    if (isLast) pieces.totalBytes = offsetBytes + pieceBytes;
    if (offsetBytes === 0) pieces.packet.set(bytes.subarray(start, start + IPV4_HEADER_MIN_BYTES));
    keep(
      pieces.packet,
      offsetBytes,
      bytes,
      start + headerBytes,
      Math.min(end, start + headerBytes + pieceBytes),
    );
    const { totalBytes } = pieces;
    if (totalBytes === 0 || pieces.unitCount !== Math.ceil(totalBytes / UNIT_BYTES))
      return undefined;
    pieces.startedAtMs = Number.NEGATIVE_INFINITY;
    return finish(pieces.packet, totalBytes);
  }

  /** @returns the place of the datagram, whose key is `#key` now. */
  #locate(bytes: Uint8Array, start: number): number {
    const key = this.#key;
    key[0] = uint32At(bytes, start + 12);
    key[1] = uint32At(bytes, start + 16);
    key[2] = (uint16At(bytes, start + 4) << 8) | uint8At(bytes, start + 9);
    let hash = 0;
    for (let index = 0; index < 3; index += 1) {
      hash = Math.imul(hash ^ (key[index] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return (hash >>> 0) & (PLACES - 1);
  }

  #begin(place: number, atMs: number): Pieces {
    const known = this.#places[place];
    const isSame = known?.key.every((word, index) => word === this.#key[index]) === true;
    if (known !== undefined && isSame && atMs - known.startedAtMs <= LIFETIME_MS) return known;
    const pieces = known ?? {
      key: new Uint32Array(3),
      startedAtMs: atMs,
      units: new Uint32Array(UNIT_WORDS),
      unitCount: 0,
      totalBytes: 0,
      packet: new Uint8Array(IPV4_HEADER_MIN_BYTES + KEPT_BYTES),
    };
    pieces.key.set(this.#key);
    pieces.startedAtMs = atMs;
    pieces.units.fill(0);
    pieces.unitCount = 0;
    pieces.totalBytes = 0;
    this.#places[place] = pieces;
    return pieces;
  }
}

/** Marks units as come, if none of them had come before. */
function mark(pieces: Pieces, first: number, count: number): "marked" | "repeated" | "overlapping" {
  const { units } = pieces;
  let known = 0;
  for (let unit = first; unit < first + count; unit += 1) {
    if (((units[unit >>> 5] as number) & (1 << (unit & 31))) !== 0) known += 1;
  }
  if (known > 0) return known === count ? "repeated" : "overlapping";
  for (let unit = first; unit < first + count; unit += 1) {
    units[unit >>> 5] = (units[unit >>> 5] as number) | (1 << (unit & 31));
  }
  pieces.unitCount += count;
  return "marked";
}

/** Copies what of a piece belongs to the kept beginning. */
function keep(
  packet: Uint8Array,
  offsetBytes: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): void {
  for (let at = from; at < to; at += 1) {
    const place = offsetBytes + at - from;
    if (place >= KEPT_BYTES) return;
    packet[IPV4_HEADER_MIN_BYTES + place] = uint8At(bytes, at);
  }
}

/** Makes the header that of a whole datagram. */
function finish(packet: Uint8Array, totalBytes: number): Uint8Array {
  const lengthBytes = IPV4_HEADER_MIN_BYTES + totalBytes;
  packet[0] = 0x45;
  packet[2] = lengthBytes >>> 8;
  packet[3] = lengthBytes & 0xff;
  packet[6] = 0;
  packet[7] = 0;
  return packet.subarray(0, Math.min(packet.length, lengthBytes));
}
