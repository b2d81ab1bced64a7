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

/** SipHash-2-4 under one key, folded to 32 bits. Not reentrant: its state is its own memory. */
export class SipHash {
  readonly #key: SipHashKey;
  /** v0 to v3, each as low and high half. */
  readonly #state = new Int32Array(8);

  constructor(key: SipHashKey) {
    this.#key = key;
  }

  /**
   * @param message whole words, an even number of them; word 0 is the first four bytes,
   *   little-endian.
   * @returns the low half of the hash exclusive-or its high half: 0 to 4 294 967 295.
   */
  of(message: Uint32Array): number {
    const state = this.#state;
    const key = this.#key;
    // "somepseudorandomlygeneratedbytes", section 2.2.
    state[0] = (key[0] as number) ^ 0x70736575;
    state[1] = (key[1] as number) ^ 0x736f6d65;
    state[2] = (key[2] as number) ^ 0x6e646f6d;
    state[3] = (key[3] as number) ^ 0x646f7261;
    state[4] = (key[0] as number) ^ 0x6e657261;
    state[5] = (key[1] as number) ^ 0x6c796765;
    state[6] = (key[2] as number) ^ 0x79746573;
    state[7] = (key[3] as number) ^ 0x74656462;
    for (let at = 0; at < message.length; at += 2) {
      this.#compress(message[at] as number, message[at + 1] as number);
    }
    // The last block is the length in bytes, in its highest byte.
    this.#compress(0, message.length << 26);
    state[4] = (state[4] as number) ^ 0xff;
    for (let round = 0; round < 4; round += 1) this.#round();
    const low = xorOf(state, 0);
    return (low ^ xorOf(state, 1)) >>> 0;
  }

  #compress(low: number, high: number): void {
    const state = this.#state;
    state[6] = (state[6] as number) ^ low;
    state[7] = (state[7] as number) ^ high;
    this.#round();
    this.#round();
    state[0] = (state[0] as number) ^ low;
    state[1] = (state[1] as number) ^ high;
  }

  /** One SipRound, section 2.3. */
  #round(): void {
    const state = this.#state;
    mix(state, 0, 2, 13);
    swapHalves(state, 0);
    mix(state, 4, 6, 16);
    mix(state, 0, 6, 21);
    mix(state, 4, 2, 17);
    swapHalves(state, 4);
  }
}

/** `a += b`, and `b` becomes `b <<< bits` exclusive-or the new `a`; `bits` is 1 to 31. */
function mix(state: Int32Array, a: number, b: number, bits: number): void {
  const lowB = state[b] as number;
  const highB = state[b + 1] as number;
  const low = (state[a] as number) + lowB;
  const lowSum = low | 0;
  const carry = lowSum >>> 0 < lowB >>> 0 ? 1 : 0;
  const highSum = ((state[a + 1] as number) + highB + carry) | 0;
  state[a] = lowSum;
  state[a + 1] = highSum;
  state[b] = ((lowB << bits) | (highB >>> (32 - bits))) ^ lowSum;
  state[b + 1] = ((highB << bits) | (lowB >>> (32 - bits))) ^ highSum;
}

/** A rotation by 32 bits. */
function swapHalves(state: Int32Array, at: number): void {
  const low = state[at] as number;
  state[at] = state[at + 1] as number;
  state[at + 1] = low;
}

/** v0 ^ v1 ^ v2 ^ v3, their low halves (0) or high ones (1). */
function xorOf(state: Int32Array, half: 0 | 1): number {
  return (
    (state[half] as number) ^
    (state[2 + half] as number) ^
    (state[4 + half] as number) ^
    (state[6 + half] as number)
  );
}
