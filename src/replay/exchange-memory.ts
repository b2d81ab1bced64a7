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

/** Mark, value, the lower 32 bits of the time, and one more than its upper ones; 0: nothing. */
const ENTRY_WORDS = 4;

/** The lower 32 bits of milliseconds begin anew after 49 days, and captures may be longer. */
const WRAP_MS = 0x1_0000_0000;

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

  /**
   * Remembers a number, 32 bits, of what was sent in this direction.
   * @param atMs milliseconds since anything, at least 0; parts of one are cut off.
   */
  remember(ends: FlowEnds, value: number, atMs: number): void {
    this.#locate(ends.source, ends.sourcePort, ends.destination, ends.destinationPort);
    const at = this.#place * ENTRY_WORDS;
    this.#entries[at] = this.#mark;
    this.#entries[at + 1] = value;
    this.#entries[at + 2] = atMs >>> 0;
    this.#entries[at + 3] = Math.floor(atMs / WRAP_MS) + 1;
  }

  /** As {@link recallOpposite}, for the direction itself. */
  recall(ends: FlowEnds, atMs: number, withinMs: number): number | undefined {
    this.#locate(ends.source, ends.sourcePort, ends.destination, ends.destinationPort);
    return this.#recallLocated(atMs, withinMs);
  }

  /**
   * @returns the number that was remembered of the direction opposite to this one, not longer than
   * `withinMs` ago; undefined when there is none. Packets may be out of order: what is too early
   * by the clock counts as what is as much too late.
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
    const upper = entries[at + 3] as number;
    if (entries[at] !== this.#mark || upper === 0) return undefined;
    const ageMs = Math.floor(atMs) - ((upper - 1) * WRAP_MS + (entries[at + 2] as number));
    return Math.abs(ageMs) > withinMs ? undefined : entries[at + 1];
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
