/**
 * How many of our addresses each campaign has probed: many make a sweep.
 *
 * Each address is remembered as 32 bits that a fixed mixing makes of it, so the count is the same
 * whenever a capture is read. Whoever finds two of our addresses that look alike counts one less.
 * Memory is fixed: {@link MAX_DESTINATIONS} addresses a campaign, more are "at least" that many. A
 * probe allocates nothing.
 */
import type { BoundedCount } from "../model/campaign.ts";
import type { AddressWords } from "../net/address-words.ts";

/** Addresses of ours that are told apart for one campaign. */
const MAX_DESTINATIONS = 16;

export class CampaignDestinations {
  readonly #marks: Uint32Array;
  readonly #counts: Uint8Array;
  readonly #isFull: Uint8Array;

  /** @param capacity slots of the table beside which this stands. */
  constructor(capacity: number) {
    this.#marks = new Uint32Array(capacity * MAX_DESTINATIONS);
    this.#counts = new Uint8Array(capacity);
    this.#isFull = new Uint8Array(capacity);
  }

  /** Forgets what was in the slot. */
  begin(slot: number): void {
    this.#counts[slot] = 0;
    this.#isFull[slot] = 0;
  }

  add(slot: number, destination: AddressWords): void {
    const mark = markOf(destination);
    const first = slot * MAX_DESTINATIONS;
    const count = this.#counts[slot] as number;
    for (let index = 0; index < count; index += 1) {
      if (this.#marks[first + index] === mark) return;
    }
    if (count === MAX_DESTINATIONS) {
      this.#isFull[slot] = 1;
      return;
    }
    this.#marks[first + count] = mark;
    this.#counts[slot] = count + 1;
  }

  /** How many are told apart. */
  count(slot: number): number {
    return this.#counts[slot] as number;
  }

  of(slot: number): BoundedCount {
    return { count: this.#counts[slot] as number, isAtLeast: this.#isFull[slot] === 1 };
  }
}

/** The multiplier is 2^32 over the golden ratio, odd: every bit reaches the upper ones. */
function markOf(words: AddressWords): number {
  let mixed = 0;
  for (let index = 0; index < 4; index += 1) {
    mixed = Math.imul(mixed ^ (words[index] as number), 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  return mixed >>> 0;
}
