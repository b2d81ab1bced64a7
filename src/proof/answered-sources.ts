/**
 * Which sources have answered of late, so that they are not asked again with every probe.
 *
 * Memory is fixed, and a source's place in it follows from a keyed hash. Where two meet, the later
 * one has the place; the other is asked once more, which costs one packet. A source is remembered
 * for {@link ANSWERED_MS} only, because evidence belongs to one scan: whoever comes back after a
 * ban has to show again that it is there.
 */
import type { AddressWords } from "../net/address-words.ts";
import { randomSipHashKey, SipHash, type SipHashKey } from "./sip-hash.ts";

/** Sources that are remembered at once; a power of two. */
const PLACES = 16_384;

/** How long (ms) a source is not asked again. The shortest ban has the same length. */
export const ANSWERED_MS = 60_000;

export class AnsweredSources {
  readonly #hash: SipHash;
  readonly #sources = new Uint32Array(PLACES);
  /** Monotonic milliseconds. */
  readonly #untilMs = new Float64Array(PLACES);

  constructor(key: SipHashKey = randomSipHashKey()) {
    this.#hash = new SipHash(key);
  }

  /** Remembers that the source has answered. Allocates nothing. */
  add(source: AddressWords, nowMs: number): void {
    const hash = this.#hash.of(source);
    const place = hash % PLACES;
    this.#sources[place] = hash;
    this.#untilMs[place] = nowMs + ANSWERED_MS;
  }

  /** @returns whether it has answered within {@link ANSWERED_MS}. Allocates nothing. */
  has(source: AddressWords, nowMs: number): boolean {
    const hash = this.#hash.of(source);
    const place = hash % PLACES;
    return this.#sources[place] === hash && nowMs < (this.#untilMs[place] as number);
  }
}
