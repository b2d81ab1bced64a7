/**
 * What is remembered of each source: one record in a table whose memory is fixed at construction.
 *
 * A record is a slot: the same index into a handful of typed arrays, so that a probe allocates
 * nothing. A source can stand in one of eight slots only, which a secret key picks. When those are
 * full, the least convincing record goes first and among equals the idlest, never a convicted one
 * while another remains: a flood of forged sources costs us forgetting, never memory, and never the
 * convicted. What is forgotten of a convicted source when all eight are is its count; its ban is
 * not here.
 */
import { type AddressWords, isIpv4Words, sharedBits, wordsOf } from "../net/address-words.ts";
import { bits128Of, familyOfPrefix, firstAddressOf, lengthOf, type Prefix } from "../net/prefix.ts";
import { AddressHash, type AddressHashKey, randomAddressHashKey } from "./address-hash.ts";
import { PortLists } from "./port-lists.ts";

export interface SourceTableOptions {
  /**
   * Sources remembered at once. Integer, at least 1; rounded down to a multiple of 8 from 8 on.
   * About 200 bytes each with their fingerprints: the usual 65 536 take 13 MiB at most, and 29 MiB
   * with times.
   */
  readonly maxSources: number;
  /** How long a record outlives its last probe that counted. Milliseconds, finite. */
  readonly recordMs: number;
  /** Whether each listed port has its time: about 250 bytes more a source. Default false. */
  readonly listsTimes?: boolean;
  /** Default: random. Given by tests that must know which sources share their slots. */
  readonly hashKey?: AddressHashKey;
  /**
   * Told of each record that ends, while its slot still holds it: it was idle for too long, another
   * source takes its slot, or it is forgotten by name.
   */
  readonly onEnd?: (slot: number) => void;
}

const WAYS = 8;

/** Stands in `lastCountedAtMs` of a free slot, so that it is idle for longer than anything. */
const NEVER = Number.NEGATIVE_INFINITY;

/** Above what evidence and contacts add up to: a convicted record outranks every other. */
const CONVICTED_RANK = 1 << 16;

/** See the file comment. A slot is valid until the next `touch` or `forget`. */
export class SourceTable {
  /** Slots, and so the most sources that are remembered. */
  readonly capacity: number;
  /** When the source sent its first probe. */
  readonly firstSeenAtMs: Float64Array;
  /**
   * The last probe that counted, or the record's first: idleness is measured from here. The
   * beginning of time: the slot is free.
   */
  readonly lastCountedAtMs: Float64Array;
  /** When the present count began; valid iff `contacts` is not 0. */
  readonly countingSinceMs: Float64Array;
  /** When the source was last convicted; NaN: never. */
  readonly convictedAtMs: Float64Array;
  /** Every probe since the first, repeats included; stops at 4 294 967 295. */
  readonly probes: Uint32Array;
  /** What counts toward the next conviction: ports or hits, as the detector means it. */
  readonly contacts: Uint32Array;
  /** Number of the record within this process; wraps after 2^32. */
  readonly campaign: Uint32Array;
  /** Bit mask of the kinds in the present count, by their place in PROBE_KINDS. */
  readonly kinds: Uint16Array;
  /** The strongest evidence in the present count, by its place in EVIDENCE_LEVELS. */
  readonly evidence: Uint8Array;
  /** The ports of each source, as the detector means them; with times iff `listsTimes`. */
  readonly ports: PortLists;

  readonly #words: Uint32Array;
  readonly #ways: number;
  readonly #buckets: number;
  #recordMs: number;
  readonly #hash: AddressHash;
  readonly #onEnd: (slot: number) => void;
  #size = 0;
  #campaigns = 0;

  constructor(options: SourceTableOptions) {
    const { maxSources, recordMs, listsTimes, hashKey = randomAddressHashKey() } = options;
    if (!Number.isInteger(maxSources) || maxSources < 1) {
      throw new RangeError(`maxSources is not a positive integer: ${maxSources}`);
    }
    this.#ways = Math.min(WAYS, maxSources);
    this.#buckets = Math.floor(maxSources / this.#ways);
    this.#recordMs = recordMs;
    this.#hash = new AddressHash(hashKey);
    this.#onEnd = options.onEnd ?? (() => {});
    const capacity = this.#buckets * this.#ways;
    this.capacity = capacity;
    this.firstSeenAtMs = new Float64Array(capacity);
    this.lastCountedAtMs = new Float64Array(capacity).fill(NEVER);
    this.countingSinceMs = new Float64Array(capacity);
    this.convictedAtMs = new Float64Array(capacity);
    this.probes = new Uint32Array(capacity);
    this.contacts = new Uint32Array(capacity);
    this.campaign = new Uint32Array(capacity);
    this.kinds = new Uint16Array(capacity);
    this.evidence = new Uint8Array(capacity);
    this.#words = new Uint32Array(capacity * 4);
    this.ports = new PortLists(capacity, listsTimes === true);
  }

  /** Records held, those included that are idle for too long and not yet overwritten. */
  get size(): number {
    return this.#size;
  }

  /**
   * How long records outlive their last probe that counted, from now on, those there are included.
   */
  setRecordTime(recordMs: number): void {
    this.#recordMs = recordMs;
  }

  /**
   * @returns the slot of `words`. The record is new, with no probe and no contact, when the source
   * was unknown or idle for longer than `recordMs` at `atMs`.
   */
  touch(words: AddressWords, atMs: number): number {
    const first = this.#firstSlotOf(words);
    let slot = this.#slotWithin(first, words);
    if (slot === undefined) slot = this.#leastWithin(first, atMs);
    else if (!this.isIdle(slot, atMs)) return slot;
    this.#begin(slot, words, atMs);
    return slot;
  }

  /** @returns the slot of `words`, idle or not; undefined when it is not remembered. */
  find(words: AddressWords): number | undefined {
    return this.#slotWithin(this.#firstSlotOf(words), words);
  }

  /** The source of a slot that is in use. */
  wordsAt(slot: number): AddressWords {
    return this.#words.slice(slot * 4, slot * 4 + 4);
  }

  /**
   * @returns slots that are convicted, or have proof or two contacts, and are not idle at `atMs`:
   * the most convincing first, among equals the least idle, and no more than `limit`.
   */
  convincing(limit: number, atMs: number): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.capacity; slot += 1) {
      if (!this.isIdle(slot, atMs) && this.#rankOf(slot) > 1) slots.push(slot);
    }
    const idleMs = (slot: number) => atMs - (this.lastCountedAtMs[slot] as number);
    slots.sort((a, b) => this.#rankOf(b) - this.#rankOf(a) || idleMs(a) - idleMs(b));
    return slots.slice(0, limit);
  }

  /** Gives the record the number that it had, and newer ones higher numbers. */
  setCampaign(slot: number, campaign: number): void {
    this.campaign[slot] = campaign;
    this.#campaigns = Math.max(this.#campaigns, campaign);
  }

  /** Marks the source as convicted, and begins its count anew. */
  convict(slot: number, atMs: number): void {
    this.#beginCount(slot);
    this.convictedAtMs[slot] = atMs;
    this.lastCountedAtMs[slot] = atMs;
  }

  /** Forgets every source that is all inside `prefix`; each is a block of `sourceBits`. */
  forget(prefix: Prefix, sourceBits: number): void {
    for (const source of this.sourcesInside(prefix, sourceBits)) this.forgetSource(source);
  }

  /** Forgets exactly this source. Quick, whatever the table holds. */
  forgetSource(words: AddressWords): void {
    const slot = this.find(words);
    if (slot !== undefined) this.release(slot);
  }

  /** @returns the slots that are in use, in no order that a reader may rely on. */
  *slots(): Generator<number, undefined> {
    for (let slot = 0; slot < this.capacity; slot += 1) {
      if (this.lastCountedAtMs[slot] !== NEVER) yield slot;
    }
  }

  /** @returns the slots in use that are wanted, in the order of their first probes. */
  oldestFirst(isWanted: (slot: number) => boolean = () => true): number[] {
    const age = (numbers: Float64Array | Uint32Array, a: number, b: number) =>
      (numbers[a] as number) - (numbers[b] as number);
    const wanted: number[] = [];
    for (const slot of this.slots()) if (isWanted(slot)) wanted.push(slot);
    return wanted.sort((a, b) => age(this.firstSeenAtMs, a, b) || age(this.campaign, a, b));
  }

  /** Whether a slot that is in use may be taken by anybody. */
  isIdle(slot: number, atMs: number): boolean {
    return atMs - (this.lastCountedAtMs[slot] as number) > this.#recordMs;
  }

  /** Forgets what is in a slot that is in use. */
  release(slot: number): void {
    this.#onEnd(slot);
    this.lastCountedAtMs[slot] = NEVER;
    this.#size -= 1;
  }

  /**
   * @returns new words for every source that is all inside `prefix`; one that is the prefix itself,
   * remembered or not.
   */
  sourcesInside(prefix: Prefix, sourceBits: number): AddressWords[] {
    const block = wordsOf(firstAddressOf(prefix));
    // The usual unban names exactly one source: thousands of them must not walk the table each.
    if (lengthOf(prefix) === sourceBits) return [block];
    // A longer prefix is a part of a source, and so there is no source inside it.
    if (lengthOf(prefix) > sourceBits) return [];
    const bits128 = bits128Of(prefix);
    const isIpv4 = familyOfPrefix(prefix) === 4;
    const found: AddressWords[] = [];
    for (const slot of this.slots()) {
      const words = this.#words.slice(slot * 4, slot * 4 + 4);
      // The families are apart, though IPv4 has its place inside ::/0.
      if (isIpv4Words(words) !== isIpv4) continue;
      if (sharedBits(words, block, bits128) === bits128) found.push(words);
    }
    return found;
  }

  #firstSlotOf(words: AddressWords): number {
    // The hash as a fraction of 2^32 picks the bucket, so any number of buckets is fair.
    return Math.floor((this.#hash.of(words) / 0x1_0000_0000) * this.#buckets) * this.#ways;
  }

  #slotWithin(first: number, words: AddressWords): number | undefined {
    const table = this.#words;
    const last = words[3];
    for (let slot = first; slot < first + this.#ways; slot += 1) {
      const at = slot * 4;
      if (
        table[at + 3] === last &&
        table[at + 2] === words[2] &&
        table[at + 1] === words[1] &&
        table[at] === words[0] &&
        this.lastCountedAtMs[slot] !== NEVER
      ) {
        return slot;
      }
    }
    return undefined;
  }

  /** The slot that a newcomer gets: a free or idle one, else as the file comment says. */
  #leastWithin(first: number, atMs: number): number {
    let least = first;
    let leastRank = Number.POSITIVE_INFINITY;
    let leastCountedAtMs = Number.POSITIVE_INFINITY;
    for (let slot = first; slot < first + this.#ways; slot += 1) {
      const countedAtMs = this.lastCountedAtMs[slot] as number;
      if (atMs - countedAtMs > this.#recordMs) return slot;
      const rank = this.#rankOf(slot);
      if (rank < leastRank || (rank === leastRank && countedAtMs < leastCountedAtMs)) {
        least = slot;
        leastRank = rank;
        leastCountedAtMs = countedAtMs;
      }
    }
    return least;
  }

  /** How convincing: convicted, then evidence, which a forger cannot raise, then contacts. */
  #rankOf(slot: number): number {
    const convicted = Number.isNaN(this.convictedAtMs[slot]) ? 0 : CONVICTED_RANK;
    const evidence = (this.evidence[slot] as number) << 8;
    return convicted + evidence + Math.min(this.contacts[slot] as number, 0xff);
  }

  #begin(slot: number, words: AddressWords, atMs: number): void {
    if (this.lastCountedAtMs[slot] === NEVER) this.#size += 1;
    else this.#onEnd(slot);
    this.#campaigns = (this.#campaigns + 1) >>> 0;
    // One by one: a call of set() costs more than the four.
    for (let index = 0; index < 4; index += 1) {
      this.#words[slot * 4 + index] = words[index] as number;
    }
    this.firstSeenAtMs[slot] = atMs;
    this.lastCountedAtMs[slot] = atMs;
    this.convictedAtMs[slot] = Number.NaN;
    this.probes[slot] = 0;
    this.campaign[slot] = this.#campaigns;
    this.#beginCount(slot);
  }

  #beginCount(slot: number): void {
    this.contacts[slot] = 0;
    this.kinds[slot] = 0;
    this.evidence[slot] = 0;
    this.ports.begin(slot);
  }
}
