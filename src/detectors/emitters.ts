/**
 * Tells which sources are one machine that sends under several addresses: nmap's decoys (-D).
 *
 * nmap makes the packets of all decoys for a port with the same variables, so they share sequence
 * number, source port and, in IPv4, identification (nmap, scan_engine_raw.cc, sendIPScanProbe).
 * Sources that share them for one port of one address within {@link WITHIN_MS} are one emitter. At
 * least one of the addresses may be the sender's; which, and whether any of the others even exists,
 * is not known here.
 *
 * Two honest senders would agree by chance once in 2^64. Left out is what tools send without any
 * choice of their own, a sequence number of 0, and UDP, which has none. Who sees the packets of
 * another can copy them under a third address, and so make two strangers one; nobody else can.
 *
 * Memory is fixed, 0.4 MiB: a flood of forged packets overwrites what was seen lately, and forged
 * pairs push out the oldest emitters; both cost us decoys that are not recognised. The places are
 * picked by a secret key, so that a few packets do not do it. Nothing is allocated a probe, and the
 * time for one does not grow with what is remembered.
 */
import type { Probe } from "../model/probe.ts";
import type { AddressWords } from "../net/address-words.ts";
import { AddressHash, type AddressHashKey, randomAddressHashKey } from "./address-hash.ts";

/** The longest time between the packets of two decoys for a port. Milliseconds. */
const WITHIN_MS = 1000;

/** Packets that are remembered at once. */
const PACKETS = 4096;

/** Emitters that are remembered at once; the one made first goes first. */
const EMITTERS = 64;

/** Sources remembered of an emitter, as many as nmap takes (nmap.h, MAX_DECOYS); not those beyond. */
export const MOST_SOURCES = 128;

/** Places in which a source's emitter is looked up; two sources of one place forget the first. */
const HOMES = 32_768;

const NOWHERE = -1;

export class Emitters {
  readonly #hash: AddressHash;
  /** What packets of one emitter share: the numbers of TCP, ports, identification, destination. */
  readonly #shared = new Uint32Array(PACKETS * 4);
  readonly #senders = new Uint32Array(PACKETS * 4);
  readonly #seenAtMs = new Float64Array(PACKETS).fill(Number.NEGATIVE_INFINITY);
  readonly #sources = new Uint32Array(EMITTERS * MOST_SOURCES * 4);
  readonly #sourceCounts = new Uint8Array(EMITTERS);
  /** The strongest evidence that was kept of each source, by rank. */
  readonly #ranks = new Uint8Array(EMITTERS * MOST_SOURCES);
  readonly #homes = new Int32Array(HOMES).fill(NOWHERE);
  #made = 0;
  /** The packet at hand, so that a probe allocates nothing. */
  readonly #own = new Uint32Array(4);
  readonly #first = new Uint32Array(4);

  /** @param hashKey Default: random. Given by tests that must know which packets share a place. */
  constructor(hashKey: AddressHashKey = randomAddressHashKey()) {
    this.#hash = new AddressHash(hashKey);
  }

  /**
   * Takes one probe into account. `source`: who is judged for it, such as the first address of an
   * IPv6 block, so that many addresses of one block are no decoys of each other.
   * @returns the number of the emitter that sends it under several addresses, of which
   * {@link sourcesOf} knows some; undefined when no other source has sent the same.
   */
  observe(probe: Probe, source: AddressWords = probe.source): number | undefined {
    if (!this.#describe(probe)) return undefined;
    const place = this.#hash.of(this.#own) % PACKETS;
    const isKnown = areEqual(this.#shared, place * 4, this.#own);
    const ageMs = Math.abs(probe.seenAtMs - (this.#seenAtMs[place] as number));
    if (!isKnown || ageMs > WITHIN_MS) {
      this.#shared.set(this.#own, place * 4);
      copy(source, 0, this.#senders, place * 4);
      this.#seenAtMs[place] = probe.seenAtMs;
      return undefined;
    }
    if (areEqual(this.#senders, place * 4, source)) return undefined;
    copy(this.#senders, place * 4, this.#first, 0);
    return this.#join(this.#first, source);
  }

  /**
   * Who sent the packet at hand first; valid until the next {@link observe}, iff the last one has
   * returned an emitter.
   */
  get partner(): AddressWords {
    return this.#first;
  }

  /** @returns new words for each source, in the order of arrival; none of a forgotten emitter. */
  sourcesOf(emitter: number): AddressWords[] {
    if (!this.#isRemembered(emitter)) return [];
    const slot = emitter % EMITTERS;
    return Array.from({ length: this.#sourceCounts[slot] as number }, (_, index) => {
      const at = sourceOffset(slot, index);
      return this.#sources.slice(at, at + 4);
    });
  }

  /** @returns new words for each source of this one's emitter, itself included; or none. */
  companyOf(source: AddressWords): AddressWords[] {
    const sources = this.sourcesOf(this.#emitterOf(source));
    return sources.length > 1 ? sources : [];
  }

  /** Remembers how sure its campaign was of a source, which is over; nothing of one that is alone. */
  keepRank(source: AddressWords, rank: number): void {
    const place = this.#placeOf(source);
    if (place !== undefined) this.#ranks[place] = Math.max(this.#ranks[place] as number, rank);
  }

  /** @returns the highest rank that was kept of the source; 0: none. */
  keptRankOf(source: AddressWords): number {
    const place = this.#placeOf(source);
    return place === undefined ? 0 : (this.#ranks[place] as number);
  }

  /** The source is alone again, and what was kept of it is gone. */
  forget(source: AddressWords): void {
    const place = this.#placeOf(source);
    if (place === undefined) return;
    const slot = Math.floor(place / MOST_SOURCES);
    const end = slot * MOST_SOURCES + (this.#sourceCounts[slot] as number);
    this.#sources.copyWithin(place * 4, (place + 1) * 4, end * 4);
    this.#ranks.copyWithin(place, place + 1, end);
    this.#sourceCounts[slot] = end - 1 - slot * MOST_SOURCES;
    this.#homes[this.#homeOf(source)] = NOWHERE;
  }

  /** @returns the number of the source's emitter, for comparison; undefined: it is alone. */
  numberOf(source: AddressWords): number | undefined {
    const emitter = this.#emitterOf(source);
    const isAlone = emitter === NOWHERE || (this.#sourceCounts[emitter % EMITTERS] as number) < 2;
    return isAlone ? undefined : emitter;
  }

  /** Fills what emitters share. @returns whether that can tell one from another. */
  #describe({ header, transport, port, sourcePort, destination }: Probe): boolean {
    if (header === undefined || transport !== "tcp") return false;
    const own = this.#own;
    own[0] = header.tcpSequence ^ header.tcpAcknowledgement;
    own[1] = (sourcePort << 16) | port;
    own[2] = header.ipIdentification;
    own[3] = destination[3] as number;
    return own[0] !== 0;
  }

  #join(first: AddressWords, second: AddressWords): number {
    const ofFirst = this.#emitterOf(first);
    const ofSecond = this.#emitterOf(second);
    if (ofFirst === NOWHERE && ofSecond === NOWHERE) {
      const emitter = this.#begin();
      this.#add(emitter, first);
      this.#add(emitter, second);
      return emitter;
    }
    if (ofFirst === NOWHERE) this.#add(ofSecond, first);
    if (ofSecond === NOWHERE) this.#add(ofFirst, second);
    if (ofFirst === NOWHERE || ofSecond === NOWHERE) return Math.max(ofFirst, ofSecond);
    return ofFirst === ofSecond ? ofFirst : this.#merge(ofFirst, ofSecond);
  }

  /** @returns the older of the two, which has the sources of both. */
  #merge(one: number, other: number): number {
    const kept = Math.min(one, other);
    const emptied = Math.max(one, other) % EMITTERS;
    const count = this.#sourceCounts[emptied] as number;
    this.#sourceCounts[emptied] = 0;
    for (let index = 0; index < count; index += 1) {
      copy(this.#sources, sourceOffset(emptied, index), this.#own, 0);
      this.#add(kept, this.#own);
      this.keepRank(this.#own, this.#ranks[emptied * MOST_SOURCES + index] as number);
    }
    return kept;
  }

  #begin(): number {
    const emitter = this.#made;
    this.#made += 1;
    this.#sourceCounts[emitter % EMITTERS] = 0;
    return emitter;
  }

  #add(emitter: number, source: AddressWords): void {
    const slot = emitter % EMITTERS;
    const count = this.#sourceCounts[slot] as number;
    if (count === MOST_SOURCES) return;
    this.#homes[this.#homeOf(source)] = emitter;
    // Its place may have been another's meanwhile.
    if (this.#has(slot, source)) return;
    copy(source, 0, this.#sources, sourceOffset(slot, count));
    this.#ranks[slot * MOST_SOURCES + count] = 0;
    this.#sourceCounts[slot] = count + 1;
  }

  #emitterOf(source: AddressWords): number {
    const emitter = this.#homes[this.#homeOf(source)] as number;
    if (!this.#isRemembered(emitter)) return NOWHERE;
    return this.#has(emitter % EMITTERS, source) ? emitter : NOWHERE;
  }

  #homeOf(source: AddressWords): number {
    return this.#hash.of(source) % HOMES;
  }

  #has(slot: number, source: AddressWords): boolean {
    return this.#indexOf(slot, source) !== NOWHERE;
  }

  #indexOf(slot: number, source: AddressWords): number {
    const count = this.#sourceCounts[slot] as number;
    for (let index = 0; index < count; index += 1) {
      if (areEqual(this.#sources, sourceOffset(slot, index), source)) return index;
    }
    return NOWHERE;
  }

  /** @returns where the source stands among all of all emitters; undefined: it is alone. */
  #placeOf(source: AddressWords): number | undefined {
    const emitter = this.#emitterOf(source);
    if (emitter === NOWHERE) return undefined;
    const slot = emitter % EMITTERS;
    return slot * MOST_SOURCES + this.#indexOf(slot, source);
  }

  #isRemembered(emitter: number): boolean {
    return emitter >= 0 && emitter < this.#made && emitter >= this.#made - EMITTERS;
  }
}

function sourceOffset(slot: number, index: number): number {
  return (slot * MOST_SOURCES + index) * 4;
}

/** @returns whether the four words from `at` on are `words`. */
function areEqual(table: Uint32Array, at: number, words: AddressWords): boolean {
  return (
    table[at + 3] === words[3] &&
    table[at] === words[0] &&
    table[at + 1] === words[1] &&
    table[at + 2] === words[2]
  );
}

/** Four words. */
function copy(from: Uint32Array, fromAt: number, to: Uint32Array, toAt: number): void {
  for (let index = 0; index < 4; index += 1) to[toAt + index] = from[fromAt + index] as number;
}
