/**
 * A keyed hash of an address, for tables that strangers fill.
 *
 * Whoever knows where an address lands can forge sources that all land in one place and push out
 * what stands there. HalfSipHash-1-3 is what the kernel uses against the same attacker
 * (Documentation/security/siphash.rst); its constants and rotations follow lib/siphash.c.
 */
import type { AddressWords } from "../net/address-words.ts";

/** Two secret words. */
export type AddressHashKey = readonly [number, number];

/** The length of the input, 16 bytes, in the top byte of its last block. */
const LENGTH_WORD = 16 << 24;

/** Five blocks of one round each, four words and the length, and three rounds to finish. */
const ROUNDS = 8;

/** @returns a key that nobody outside this process knows. */
export function randomAddressHashKey(): AddressHashKey {
  const [first = 0, second = 0] = crypto.getRandomValues(new Uint32Array(2));
  return [first, second];
}

/** HalfSipHash-1-3 over 16 bytes under one key. */
export class AddressHash {
  readonly #key0: number;
  readonly #key1: number;

  constructor(key: AddressHashKey) {
    this.#key0 = key[0] | 0;
    this.#key1 = key[1] | 0;
  }

  /** @returns 32 bits, 0 to 4 294 967 295. Allocates nothing. */
  of(words: AddressWords): number {
    let v0 = this.#key0;
    let v1 = this.#key1;
    let v2 = this.#key0 ^ 0x6c796765;
    let v3 = this.#key1 ^ 0x74656462;
    for (let round = 0; round < ROUNDS; round += 1) {
      const block = round < 4 ? (words[round] as number) : round === 4 ? LENGTH_WORD : 0;
      if (round === 5) v2 ^= 0xff;
      v3 ^= block;
      v0 = (v0 + v1) | 0;
      v1 = rotateLeft(v1, 5) ^ v0;
      v0 = rotateLeft(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotateLeft(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotateLeft(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotateLeft(v1, 13) ^ v2;
      v2 = rotateLeft(v2, 16);
      v0 ^= block;
    }
    return (v1 ^ v3) >>> 0;
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
