/**
 * What was lately sent from one port to another, so that an answer is known as one.
 *
 * A number a flow, in a table of fixed size in which a newer flow overwrites an older one of the
 * same place: whoever floods makes answers look unasked, which costs detail and never memory. The
 * places are the same in every run, because the same capture has to be judged alike: who writes one
 * can choose two flows of one place, and has one answer less for it. Two flows in one place are told
 * apart by 32 more bits.
 */
import { type AddressWords, isIpv4Words } from "../net/address-words.ts";

/** Flows that are remembered at once; a power of two. */
const FLOWS = 131_072;

/** Odd, and otherwise any: digits of pi. */
const KEYS = Uint32Array.of(0x243f6a89, 0x85a308d3, 0x13198a2f, 0x03707345);

/** What the words before an IPv4 address make of the first two keys. */
const IPV4_STARTS = Uint32Array.of(
  mixAll([0, 0, 0xffff], KEYS[0] as number, KEYS[2] as number),
  mixAll([0, 0, 0xffff], KEYS[1] as number, KEYS[3] as number),
);

/** Mark, value, time, and whether there is anything. */
const ENTRY_WORDS = 4;
const REMEMBERED = 1;

/** Times are kept in 32 bits of milliseconds, which begin anew after 49 days. */
const HALF_WRAP_MS = 0x8000_0000;

/** One direction of a flow. */
export interface FlowEnds {
  readonly source: AddressWords;
  readonly sourcePort: number;
  readonly destination: AddressWords;
  readonly destinationPort: number;
}

export class ExchangeMemory {
  /** Mark, value and time side by side, because what costs is to fetch memory. */
  readonly #entries = new Uint32Array(FLOWS * ENTRY_WORDS);
  #place = 0;
  #mark = 0;

  /** Remembers a number, 32 bits, of what was sent in this direction. */
  remember(ends: FlowEnds, value: number, atMs: number): void {
    this.#locate(ends.source, ends.sourcePort, ends.destination, ends.destinationPort);
    const at = this.#place * ENTRY_WORDS;
    this.#entries[at] = this.#mark;
    this.#entries[at + 1] = value;
    this.#entries[at + 2] = clockOf(atMs);
    this.#entries[at + 3] = REMEMBERED;
  }

  /** As {@link recallOpposite}, for the direction itself. */
  recall(ends: FlowEnds, atMs: number, withinMs: number): number | undefined {
    this.#locate(ends.source, ends.sourcePort, ends.destination, ends.destinationPort);
    return this.#recallLocated(atMs, withinMs);
  }

  /**
   * @returns the number that was remembered of the direction opposite to this one, not longer than
   * `withinMs` ago; undefined when there is none.
   */
  recallOpposite(ends: FlowEnds, atMs: number, withinMs: number): number | undefined {
    this.#locate(ends.destination, ends.destinationPort, ends.source, ends.sourcePort);
    return this.#recallLocated(atMs, withinMs);
  }

  /** As {@link recallOpposite}, for a packet of IPv4 whose addresses are at hand as numbers. */
  recallOppositeIpv4(
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
    atMs: number,
    withinMs: number,
  ): number | undefined {
    this.#locateIpv4(destination, destinationPort, source, sourcePort);
    return this.#recallLocated(atMs, withinMs);
  }

  #recallLocated(atMs: number, withinMs: number): number | undefined {
    const entries = this.#entries;
    const at = this.#place * ENTRY_WORDS;
    if (entries[at] !== this.#mark || entries[at + 3] !== REMEMBERED) return undefined;
    const ageMs = (clockOf(atMs) - (entries[at + 2] as number)) >>> 0;
    // Packets may be out of order: an answer that is too early by the clock is none too late.
    if (ageMs > withinMs && ageMs < HALF_WRAP_MS) return undefined;
    return entries[at + 1];
  }

  /** Forgets what was recalled last. */
  forgetRecalled(): void {
    this.#entries[this.#place * ENTRY_WORDS + 3] = 0;
  }

  #locate(from: AddressWords, fromPort: number, to: AddressWords, toPort: number): void {
    if (isIpv4Words(from) && isIpv4Words(to)) {
      this.#locateIpv4(from[3] as number, fromPort, to[3] as number, toPort);
      return;
    }
    const place = mixAll(from, KEYS[0] as number, KEYS[2] as number);
    const mark = mixAll(to, KEYS[1] as number, KEYS[3] as number);
    this.#locatePorts(place, mark, fromPort, toPort);
  }

  /** The same place as by the words, which begin alike in every address of IPv4. */
  #locateIpv4(from: number, fromPort: number, to: number, toPort: number): void {
    const place = mix(IPV4_STARTS[0] as number, from, KEYS[2] as number);
    const mark = mix(IPV4_STARTS[1] as number, to, KEYS[3] as number);
    this.#locatePorts(place, mark, fromPort, toPort);
  }

  #locatePorts(place: number, mark: number, fromPort: number, toPort: number): void {
    const ports = (fromPort << 16) | toPort;
    this.#place = (mix(place ^ mark, ports, KEYS[3] as number) >>> 0) & (FLOWS - 1);
    this.#mark = mix(mark + Math.imul(place, 5), ports, KEYS[2] as number) >>> 0;
  }
}

function mixAll(words: ArrayLike<number>, start: number, key: number): number {
  let hash = start;
  for (let index = 0; index < words.length; index += 1) {
    hash = mix(hash, words[index] as number, key);
  }
  return hash;
}

function mix(hash: number, word: number, key: number): number {
  const mixed = Math.imul(hash ^ word, key);
  return mixed ^ (mixed >>> 15);
}

function clockOf(atMs: number): number {
  return atMs >>> 0;
}
