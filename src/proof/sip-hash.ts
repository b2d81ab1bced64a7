/**
 * SipHash-2-4: a keyed hash of short messages that nobody without the key can foresee.
 *
 * On 32-bit halves, because JavaScript has no 64-bit integers that cost no allocation. The time it
 * takes depends on the message's length alone.
 *
 * Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF" (2012), section 2.
 */

/** 128 secret bits, as four words in the order of the key's bytes, each little-endian. */
export type SipHashKey = Uint32Array;

/** @returns a key that nobody outside this process knows. */
export function randomSipHashKey(): SipHashKey {
  return crypto.getRandomValues(new Uint32Array(4));
}

/** Rounds for each block of eight bytes, and at the end: the "2-4" of the name. */
const BLOCK_ROUNDS = 2;
const LAST_ROUNDS = 4;

/** SipHash-2-4 under one key, folded to 32 bits. */
export class SipHash {
  readonly #key: SipHashKey;

  constructor(key: SipHashKey) {
    this.#key = key;
  }

  /**
   * Allocates nothing: v0 to v3 of the paper are two local words each, the low and the high one.
   * @param message whole words, an even number of them; word 0 is the first four bytes,
   *   little-endian.
   * @returns the low half of the hash exclusive-or its high half: 0 to 4 294 967 295.
   */
  of(message: Uint32Array): number {
    const key = this.#key;
    // "somepseudorandomlygeneratedbytes", section 2.2.
    let v0 = (key[0] as number) ^ 0x70736575;
    let w0 = (key[1] as number) ^ 0x736f6d65;
    let v1 = (key[2] as number) ^ 0x6e646f6d;
    let w1 = (key[3] as number) ^ 0x646f7261;
    let v2 = (key[0] as number) ^ 0x6e657261;
    let w2 = (key[1] as number) ^ 0x6c796765;
    let v3 = (key[2] as number) ^ 0x79746573;
    let w3 = (key[3] as number) ^ 0x74656462;
    const blocks = message.length / 2;
    for (let block = 0; block <= blocks + 1; block += 1) {
      const isMessage = block < blocks;
      const isLast = block > blocks;
      const low = isMessage ? (message[2 * block] as number) : 0;
      // Behind the message one block has its length in bytes, in the highest byte.
      const length = isLast ? 0 : message.length << 26;
      const high = isMessage ? (message[2 * block + 1] as number) : length;
      if (isLast) v2 ^= 0xff;
      v3 ^= low;
      w3 ^= high;
      for (let round = isLast ? LAST_ROUNDS : BLOCK_ROUNDS; round > 0; round -= 1) {
        // SipRound, section 2.3. Each sum of two 64-bit numbers has a carry between its halves.
        let sum = (v0 + v1) | 0;
        let other = (w0 + w1 + (sum >>> 0 < v1 >>> 0 ? 1 : 0)) | 0;
        let turned = ((v1 << 13) | (w1 >>> 19)) ^ sum;
        w1 = ((w1 << 13) | (v1 >>> 19)) ^ other;
        v1 = turned;
        v0 = other;
        w0 = sum;

        sum = (v2 + v3) | 0;
        other = (w2 + w3 + (sum >>> 0 < v3 >>> 0 ? 1 : 0)) | 0;
        turned = ((v3 << 16) | (w3 >>> 16)) ^ sum;
        w3 = ((w3 << 16) | (v3 >>> 16)) ^ other;
        v3 = turned;
        v2 = sum;
        w2 = other;

        sum = (v0 + v3) | 0;
        other = (w0 + w3 + (sum >>> 0 < v3 >>> 0 ? 1 : 0)) | 0;
        turned = ((v3 << 21) | (w3 >>> 11)) ^ sum;
        w3 = ((w3 << 21) | (v3 >>> 11)) ^ other;
        v3 = turned;
        v0 = sum;
        w0 = other;

        sum = (v2 + v1) | 0;
        other = (w2 + w1 + (sum >>> 0 < v1 >>> 0 ? 1 : 0)) | 0;
        turned = ((v1 << 17) | (w1 >>> 15)) ^ sum;
        w1 = ((w1 << 17) | (v1 >>> 15)) ^ other;
        v1 = turned;
        v2 = other;
        w2 = sum;
      }
      v0 ^= low;
      w0 ^= high;
    }
    return (v0 ^ v1 ^ v2 ^ v3 ^ w0 ^ w1 ^ w2 ^ w3) >>> 0;
  }
}
