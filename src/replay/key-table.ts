/**
 * A bounded table of keys of five words: an address, and a transport with a port, or what else has
 * room in the fifth.
 *
 * A capture may come from anybody and name any number of addresses. The table never holds more than
 * `capacity` keys; it begins small and doubles, so that a short capture costs little. Which keys
 * share a chain depends on random multipliers, so that nobody who writes a capture can make one
 * chain long; what the table answers does not depend on them.
 */
import { type AddressWords, IPV4_MAPPED_WORD } from "../net/address-words.ts";

/** Words of a key, and of an entry: the next of the chain, or of the free ones, stands behind. */
const KEY_WORDS = 5;
const ENTRY_WORDS = KEY_WORDS + 1;

/** No slot: the key is not there, or there is no room. */
export const NOWHERE = -1;

const SMALLEST_SLOTS = 256;

/** Slots count from 0 on; one stays the same for as long as its key is in the table. */
export class KeyTable {
  readonly capacity: number;
  #slots: number;
  /** Key and link side by side, because what costs is to fetch memory. Links are slots plus 1. */
  #entries: Uint32Array;
  #heads: Int32Array;
  #size = 0;
  /** Slots below this have been used at least once. */
  #touched = 0;
  #free = NOWHERE;
  readonly #multipliers = crypto.getRandomValues(new Uint32Array(KEY_WORDS + 1)).map((m) => m | 1);
  /** What the words before an IPv4 address make of the multipliers. */
  readonly #ipv4Start = this.#mixPrefix(0, 0, IPV4_MAPPED_WORD);

  /** @param capacity keys that are held at once. Integer, at least 1. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#slots = Math.min(SMALLEST_SLOTS, capacity);
    this.#entries = new Uint32Array(this.#slots * ENTRY_WORDS);
    this.#heads = headsFor(this.#slots);
  }

  /** Keys in the table. */
  get size(): number {
    return this.#size;
  }

  /** Slots that there is memory for now; whoever keeps values beside the table has as many. */
  get slots(): number {
    return this.#slots;
  }

  /** Whether the next new key has no room unless one is removed. */
  get isFull(): boolean {
    return this.#size === this.capacity;
  }

  /** @returns the slot of the key, or {@link NOWHERE}. Allocates nothing. */
  find(words: AddressWords, fifth: number): number {
    if (this.#size === 0) return NOWHERE;
    let slot = this.#heads[this.#bucketOf(words, fifth)] as number;
    while (slot !== NOWHERE && !this.#has(slot, words, fifth)) slot = this.#nextOf(slot);
    return slot;
  }

  /** Puts in a key that is not there. @returns its slot; {@link NOWHERE} when there is no room. */
  insert(words: AddressWords, fifth: number): number {
    if (this.isFull) return NOWHERE;
    if (this.#size === this.#slots) this.#grow();
    let slot = this.#free;
    if (slot === NOWHERE) {
      slot = this.#touched;
      this.#touched += 1;
    } else {
      this.#free = this.#nextOf(slot);
    }
    const at = slot * ENTRY_WORDS;
    for (let index = 0; index < 4; index += 1) this.#entries[at + index] = words[index] as number;
    this.#entries[at + 4] = fifth;
    this.#chain(slot, this.#bucketOf(words, fifth));
    this.#size += 1;
    return slot;
  }

  /** Takes out the key of a slot that is in use. */
  remove(slot: number): void {
    const bucket = this.#bucketOfSlot(slot);
    let at = this.#heads[bucket] as number;
    if (at === slot) {
      this.#heads[bucket] = this.#nextOf(slot);
    } else {
      while (this.#nextOf(at) !== slot) at = this.#nextOf(at);
      this.#link(at, this.#nextOf(slot));
    }
    this.#link(slot, this.#free);
    this.#free = slot;
    this.#size -= 1;
  }

  /** Calls `visit` with every slot in use, which it may remove. */
  each(visit: (slot: number) => void): void {
    for (let bucket = 0; bucket < this.#heads.length; bucket += 1) {
      let slot = this.#heads[bucket] as number;
      while (slot !== NOWHERE) {
        const next = this.#nextOf(slot);
        visit(slot);
        slot = next;
      }
    }
  }

  /** Copies the address of a slot that is in use. */
  wordsAt(slot: number): AddressWords {
    return this.#entries.slice(slot * ENTRY_WORDS, slot * ENTRY_WORDS + 4);
  }

  /** The fifth word of a slot that is in use. */
  fifthAt(slot: number): number {
    return this.#entries[slot * ENTRY_WORDS + 4] as number;
  }

  #nextOf(slot: number): number {
    return (this.#entries[slot * ENTRY_WORDS + KEY_WORDS] as number) - 1;
  }

  #link(slot: number, next: number): void {
    this.#entries[slot * ENTRY_WORDS + KEY_WORDS] = next + 1;
  }

  #has(slot: number, words: AddressWords, fifth: number): boolean {
    const keys = this.#entries;
    const at = slot * ENTRY_WORDS;
    return (
      keys[at + 3] === words[3] &&
      keys[at + 4] === fifth &&
      keys[at + 2] === words[2] &&
      keys[at + 1] === words[1] &&
      keys[at] === words[0]
    );
  }

  #chain(slot: number, bucket: number): void {
    this.#link(slot, this.#heads[bucket] as number);
    this.#heads[bucket] = slot;
  }

  #bucketOf(words: AddressWords, fifth: number): number {
    return this.#bucket(
      words[0] as number,
      words[1] as number,
      words[2] as number,
      words[3] as number,
      fifth,
    );
  }

  #bucketOfSlot(slot: number): number {
    const keys = this.#entries;
    const at = slot * ENTRY_WORDS;
    return this.#bucket(
      keys[at] as number,
      keys[at + 1] as number,
      keys[at + 2] as number,
      keys[at + 3] as number,
      keys[at + 4] as number,
    );
  }

  #bucket(a: number, b: number, c: number, d: number, e: number): number {
    const m = this.#multipliers;
    const isIpv4 = a === 0 && b === 0 && c === IPV4_MAPPED_WORD;
    let hash = isIpv4 ? this.#ipv4Start : this.#mixPrefix(a, b, c);
    hash = Math.imul((hash ^ (hash >>> 15)) + d, m[4] as number);
    hash = Math.imul((hash ^ (hash >>> 15)) + e, m[5] as number);
    hash ^= hash >>> 16;
    return hash & (this.#heads.length - 1);
  }

  #mixPrefix(a: number, b: number, c: number): number {
    const m = this.#multipliers;
    let hash = Math.imul(a ^ (m[0] as number), m[1] as number);
    hash = Math.imul((hash ^ (hash >>> 15)) + b, m[2] as number);
    return Math.imul((hash ^ (hash >>> 15)) + c, m[3] as number);
  }

  /** Twice the slots; every key keeps its own. */
  #grow(): void {
    this.#slots = Math.min(this.capacity, this.#slots * 2);
    this.#entries = grown(this.#entries, this.#slots * ENTRY_WORDS);
    this.#heads = headsFor(this.#slots);
    // It grows only when every slot is in use.
    for (let slot = 0; slot < this.#size; slot += 1) this.#chain(slot, this.#bucketOfSlot(slot));
  }
}

/** @returns as many empty chains as slots or more, a power of two. */
function headsFor(slots: number): Int32Array {
  return new Int32Array(2 ** Math.ceil(Math.log2(slots))).fill(NOWHERE);
}

/** @returns an array of that length that begins with the values of `array`. */
export function grown<Values extends Uint32Array | Int32Array | Float64Array>(
  array: Values,
  length: number,
): Values {
  const larger = new (array.constructor as new (length: number) => Values)(length);
  larger.set(array);
  return larger;
}
