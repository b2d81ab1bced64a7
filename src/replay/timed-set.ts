/**
 * A set of the kernel's with a size and time-outs, as nftables keeps it: what is over is not found,
 * and a full set takes nothing new.
 *
 * Whoever forges sources fills it, in the kernel as here. Elements that are over keep their place
 * until the kernel collects them, once a second (linux/net/netfilter/nf_tables_api.c,
 * nft_set_gc_interval), and so they do here. Memory is bounded by `capacity`, about 50 bytes each.
 */
import type { AddressWords } from "../net/address-words.ts";
import { grown, KeyTable, NOWHERE } from "./key-table.ts";

/** How often (ms) the kernel collects what is over. */
const COLLECT_MS = 1000;

/** Times are monotonic milliseconds and never go back. */
export class TimedSet {
  readonly #table: KeyTable;
  #endsAtMs: Float64Array;
  #collectedAtMs = Number.NEGATIVE_INFINITY;

  /** @param capacity elements at once. Integer, at least 1. */
  constructor(capacity: number) {
    this.#table = new KeyTable(capacity);
    this.#endsAtMs = new Float64Array(this.#table.slots);
  }

  /** Elements, those included that are over and not yet collected. */
  get size(): number {
    return this.#table.size;
  }

  /** Slots that there is memory for; whoever keeps values beside the set has as many. */
  get slots(): number {
    return this.#table.slots;
  }

  /** @returns the element's slot; {@link NOWHERE} when there is none, or it is over. */
  find(words: AddressWords, fifth: number, nowMs: number): number {
    const slot = this.#table.find(words, fifth);
    return slot !== NOWHERE && (this.#endsAtMs[slot] as number) > nowMs ? slot : NOWHERE;
  }

  has(words: AddressWords, fifth: number, nowMs: number): boolean {
    return this.find(words, fifth, nowMs) !== NOWHERE;
  }

  /** nft's `add`: one that is there keeps its end. @returns false when there is no room. */
  add(words: AddressWords, fifth: number, nowMs: number, lifeMs: number): boolean {
    const slot = this.#table.find(words, fifth);
    if (slot !== NOWHERE && (this.#endsAtMs[slot] as number) > nowMs) return true;
    return this.#put(slot, words, fifth, nowMs, lifeMs) !== NOWHERE;
  }

  /** nft's `update`: one that is there begins anew. @returns {@link NOWHERE} without room. */
  update(words: AddressWords, fifth: number, nowMs: number, lifeMs: number): number {
    return this.#put(this.#table.find(words, fifth), words, fifth, nowMs, lifeMs);
  }

  /** @param known the element's slot, over or not. */
  #put(known: number, words: AddressWords, fifth: number, nowMs: number, lifeMs: number): number {
    let slot = known;
    if (slot === NOWHERE) {
      if (this.#table.size === this.#table.slots) this.#collect(nowMs);
      slot = this.#table.insert(words, fifth);
      if (slot === NOWHERE) return NOWHERE;
      if (this.#endsAtMs.length < this.#table.slots) {
        this.#endsAtMs = grown(this.#endsAtMs, this.#table.slots);
      }
    }
    this.#endsAtMs[slot] = nowMs + lifeMs;
    return slot;
  }

  #collect(nowMs: number): void {
    if (nowMs - this.#collectedAtMs < COLLECT_MS) return;
    this.#collectedAtMs = nowMs;
    this.#table.each((slot) => {
      if ((this.#endsAtMs[slot] as number) <= nowMs) this.#table.remove(slot);
    });
  }
}
