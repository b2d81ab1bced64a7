/**
 * The kernel's gate as a model: what of a source that is banned never comes to the sense rules.
 *
 * An IPv6 source is its block, as in src/kernel/table-gate.ts, and where a /64 is many people one
 * address. Holds as many bans as the kernel's sets; the policy's budget bounds what forgers add.
 */
import { BAN_CAPACITY } from "../kernel/table-sets.ts";
import { type AddressWords, wordsOf } from "../net/address-words.ts";
import { firstAddressOf, lengthOf, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { TimedSet } from "./timed-set.ts";

/** Times are monotonic milliseconds and never go back. */
export class GateModel {
  readonly #keys: SourceKeys;
  readonly #banned = new TimedSet(BAN_CAPACITY);
  readonly #key = new Uint32Array(4);

  constructor(keys: SourceKeys) {
    this.#keys = keys;
  }

  /** Shuts a source out. @param lifeMs Infinity: for good. A later ban takes an earlier one's place. */
  ban(source: Prefix, nowMs: number, lifeMs: number): void {
    this.#banned.update(wordsOf(firstAddressOf(source)), lengthOf(source), nowMs, lifeMs);
  }

  /** Lets a source in again. */
  unban(source: Prefix, nowMs: number): void {
    this.ban(source, nowMs, 0);
  }

  /** Whether packets of this address end at the gate. Allocates nothing. */
  isShut(address: AddressWords, nowMs: number): boolean {
    if (this.#banned.size === 0) return false;
    this.#keys.keyOf(address, this.#key);
    return this.#banned.has(this.#key, this.#keys.bitsOf(address), nowMs);
  }
}
