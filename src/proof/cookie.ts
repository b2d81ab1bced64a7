/**
 * A number that only this guard can make for one flow, and check again without having kept it.
 *
 * It goes into a segment that we send to whoever a probe claims to come from; who sends it back has
 * received that segment. Addresses, ports and a minute go into it, so that a number seen once is
 * worth nothing for another source, port or time. Two minutes are accepted, the present one and the
 * one before, so that an answer that is under way at the turn still counts.
 *
 * A hostile sender can guess: one in 2^31 packets is right (two numbers are), and the kernel's rule
 * lets some hundred a second come that far. It cannot carry a number from one use to another,
 * because the use goes into it too. Making and checking take the same time for any packet.
 */
import type { AddressWords } from "../net/address-words.ts";
import { randomSipHashKey, SipHash, type SipHashKey } from "./sip-hash.ts";

/** What a number is for; it goes into the number. */
export type CookieUse = "challenge" | "phantom";

const USE_WORDS: Readonly<Record<CookieUse, number>> = { challenge: 1, phantom: 2 };

/** How long (ms) the same flow gets the same number. A number is good for one to two of these. */
export const COOKIE_EPOCH_MS = 60_000;

/** Both addresses, both ports in one word, the epoch, the use, and one that stays 0. */
const MESSAGE_WORDS = 12;

/** The numbers of one use. */
export class Cookies {
  readonly #hash: SipHash;
  readonly #message = new Uint32Array(MESSAGE_WORDS);

  /** @param key secret; the default is a new one, so that numbers end with the process. */
  constructor(use: CookieUse, key: SipHashKey = randomSipHashKey()) {
    this.#hash = new SipHash(key);
    this.#message[10] = USE_WORDS[use];
  }

  /**
   * @param source who is to send it back; `sourcePort` is its port.
   * @param nowMs monotonic milliseconds.
   * @returns 0 to 4294967295. Allocates nothing.
   */
  numberFor(
    source: AddressWords,
    sourcePort: number,
    destination: AddressWords,
    destinationPort: number,
    nowMs: number,
  ): number {
    this.#fill(source, sourcePort, destination, destinationPort);
    return this.#numberIn(Math.floor(nowMs / COOKIE_EPOCH_MS));
  }

  /** @returns whether `number` is the one of this flow, of this epoch or the one before. */
  isNumberOf(
    number: number,
    source: AddressWords,
    sourcePort: number,
    destination: AddressWords,
    destinationPort: number,
    nowMs: number,
  ): boolean {
    this.#fill(source, sourcePort, destination, destinationPort);
    const epoch = Math.floor(nowMs / COOKIE_EPOCH_MS);
    const present = this.#numberIn(epoch);
    const before = this.#numberIn(epoch - 1);
    return number === present || number === before;
  }

  #fill(
    source: AddressWords,
    sourcePort: number,
    destination: AddressWords,
    destinationPort: number,
  ): void {
    const message = this.#message;
    for (let index = 0; index < 4; index += 1) {
      message[index] = source[index] as number;
      message[4 + index] = destination[index] as number;
    }
    message[8] = (sourcePort << 16) | destinationPort;
  }

  #numberIn(epoch: number): number {
    this.#message[9] = epoch;
    return this.#hash.of(this.#message);
  }
}
