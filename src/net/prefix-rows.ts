/**
 * Many prefixes of one address family in columns, each with a number that says where it comes from.
 *
 * For lists of a million lines: a row costs 9 bytes (IPv4) or 21 (IPv6), and no object. Rows stand
 * in the order in which they were added and may hold one another; {@link mergeRows} makes a set of
 * them. It has no bound of its own: whoever fills it from outside bounds it.
 */
import type { AddressWords } from "./address-words.ts";
import type { IpFamily } from "./ip-address.ts";

/** Rows for which there is room at first. */
const FIRST_ROOM = 1024;

/** A row's block and where it comes from. */
export interface PrefixRow {
  /** In the family's own terms: 0 to 32, or 0 to 128. */
  readonly bits: number;
  readonly origin: number;
}

export class PrefixRows {
  readonly family: IpFamily;
  /** 32-bit words of an address: 1 or 4. */
  readonly wordsEach: 1 | 4;
  #words: Uint32Array<ArrayBuffer>;
  #bits = new Uint8Array(FIRST_ROOM);
  #origins = new Uint32Array(FIRST_ROOM);
  #length = 0;

  constructor(family: IpFamily) {
    this.family = family;
    this.wordsEach = family === 4 ? 1 : 4;
    this.#words = new Uint32Array(FIRST_ROOM * this.wordsEach);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a block. Its last word is `word3`, of IPv4 the only one; host bits are zero. */
  add(words: AddressWords, bits: number, origin: number): void {
    const at = this.#grow(bits, origin);
    if (this.wordsEach === 1) this.#words[at] = words[3] as number;
    else this.#words.set(words, at * 4);
  }

  /** As {@link add}, for an IPv4 address as one number. */
  addIpv4(address: number, bits: number, origin: number): void {
    this.#words[this.#grow(bits, origin)] = address;
  }

  /** The word at `index`, 0 to `wordsEach` - 1, of a row's first address. */
  word(row: number, index: number): number {
    return this.#words[row * this.wordsEach + index] as number;
  }

  bits(row: number): number {
    return this.#bits[row] as number;
  }

  /** Makes the block of a row twice as large; its first address stays. */
  widen(row: number): void {
    this.#bits[row] = this.bits(row) - 1;
  }

  /** Forgets the rows from `length` on. */
  cutTo(length: number): void {
    this.#length = length;
  }

  /** The rows that hold an address of this family; looks at every row, which is 1 ms a million. */
  *covering(words: AddressWords): Generator<PrefixRow> {
    const first = 4 - this.wordsEach;
    for (let row = 0; row < this.#length; row += 1) {
      if (this.#holds(row, words, first)) {
        yield { bits: this.bits(row), origin: this.#origins[row] as number };
      }
    }
  }

  /** @returns how many leading bits two rows have in common, at most `limit`. */
  sharedBits(a: number, b: number, limit: number): number {
    for (let index = 0; index * 32 < limit; index += 1) {
      const difference = this.word(a, index) ^ this.word(b, index);
      if (difference !== 0) return Math.min(limit, index * 32 + Math.clz32(difference));
    }
    return limit;
  }

  /** Less than 0 where `a` comes before `b`: by first address, of two the wider one. */
  compare(a: number, b: number): number {
    for (let index = 0; index < this.wordsEach; index += 1) {
      const difference = this.word(a, index) - this.word(b, index);
      if (difference !== 0) return difference;
    }
    return this.bits(a) - this.bits(b);
  }

  /** Adds a row of another of the same family, as coming from nowhere. */
  addRow(other: PrefixRows, row: number): void {
    const at = this.#grow(other.bits(row), 0) * this.wordsEach;
    for (let index = 0; index < this.wordsEach; index += 1) {
      this.#words[at + index] = other.word(row, index);
    }
  }

  #holds(row: number, words: AddressWords, first: number): boolean {
    const bits = this.#bits[row] as number;
    for (let index = 0; index * 32 < bits; index += 1) {
      const difference = this.word(row, index) ^ (words[first + index] as number);
      if (difference === 0) continue;
      return index * 32 + Math.clz32(difference) >= bits;
    }
    return true;
  }

  /** @returns the place of a new row. */
  #grow(bits: number, origin: number): number {
    if (this.#length === this.#bits.length) this.#double();
    this.#bits[this.#length] = bits;
    this.#origins[this.#length] = origin;
    this.#length += 1;
    return this.#length - 1;
  }

  #double(): void {
    const room = this.#bits.length * 2;
    const words = new Uint32Array(room * this.wordsEach);
    const bits = new Uint8Array(room);
    const origins = new Uint32Array(room);
    words.set(this.#words);
    bits.set(this.#bits);
    origins.set(this.#origins);
    this.#words = words;
    this.#bits = bits;
    this.#origins = origins;
  }
}
