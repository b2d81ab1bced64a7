/**
 * Numbers that look random and are the same in every run, so that a scenario is, too.
 *
 * The generator is mulberry32: 32 bits of state, good enough to draw addresses and pauses, and of
 * no use where somebody could gain by guessing.
 */

/** A stream of draws from one seed. */
export class Random {
  #state: number;

  /** @param seed any number; its lowest 32 bits count. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** @returns a number from 0 up to, and without, 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** @returns an integer, both ends included. */
  integer(first: number, last: number): number {
    return first + Math.floor(this.fraction() * (last - first + 1));
  }

  /** @returns 32 bits. */
  word(): number {
    return this.integer(0, 0xffff_ffff);
  }

  /** @returns one of them; at least one must be given. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.integer(0, items.length - 1)] as Item;
  }

  /** @returns the items in another order. */
  shuffled<Item>(items: Iterable<Item>): Item[] {
    const rest = [...items];
    for (let last = rest.length - 1; last > 0; last -= 1) {
      const other = this.integer(0, last);
      [rest[last], rest[other]] = [rest[other] as Item, rest[last] as Item];
    }
    return rest;
  }

  /** @returns a pause whose mean is given: how long until the next of independent events. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.fraction());
  }
}
