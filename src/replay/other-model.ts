/**
 * The kernel's rules for what is neither TCP nor UDP as a model: pings, and protocols that this
 * machine does not speak, as src/kernel/table-other.ts writes them.
 *
 * Told and nothing else. The same sets with the same sizes; a pair of addresses is a source and 32
 * bits of the destination and the protocol, mixed with a random number, so that nobody can write a
 * capture in which two pairs are taken for one but by chance.
 */
import type { TableOptions } from "../kernel/table-options.ts";
import { HEARD_SECONDS } from "../kernel/table-other.ts";
import { HEARD_CAPACITY, SPOKEN_CAPACITY } from "../kernel/table-sets.ts";
import type { AddressWords } from "../net/address-words.ts";
import { isIcmp } from "../packet/icmp.ts";
import type { PacketHeader } from "../packet/packet-header.ts";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "../packet/spec.ts";
import { TimedSet } from "./timed-set.ts";

const HEARD_MS = HEARD_SECONDS * 1000;

/** Times are monotonic milliseconds and never go back. */
export class OtherModel {
  readonly #options: TableOptions;
  readonly #isTrusted: (source: AddressWords) => boolean;
  readonly #spoken = { 4: new TimedSet(SPOKEN_CAPACITY), 6: new TimedSet(SPOKEN_CAPACITY) };
  readonly #heard = { 4: new TimedSet(HEARD_CAPACITY), 6: new TimedSet(HEARD_CAPACITY) };
  /** What would have been told of sources that are shut out; the kernel has no such set. */
  readonly #heardOutside = { 4: new TimedSet(HEARD_CAPACITY), 6: new TimedSet(HEARD_CAPACITY) };
  readonly #salt = (crypto.getRandomValues(new Uint32Array(1))[0] as number) | 1;

  constructor(options: TableOptions, isTrusted: (source: AddressWords) => boolean) {
    this.#options = options;
    this.#isTrusted = isTrusted;
  }

  /** What this machine sends it speaks. */
  observeOurs({ version, source, protocol }: PacketHeader, nowMs: number): void {
    if (protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6) return;
    this.#spoken[version].update(source, protocol, nowMs, this.#options.graceSeconds * 1000);
  }

  /**
   * @param header of a packet to us whose outcome is "other-protocol", and that asks for something.
   * @returns whether it is told.
   */
  tells(header: PacketHeader, nowMs: number): boolean {
    if (!this.#isAsking(header, nowMs)) return false;
    const { version, source, destination, protocol } = header;
    return hear(this.#heard[version], source, this.#mixed(destination, protocol), nowMs);
  }

  /**
   * As {@link tells}, of a packet that the gate stops: whether it would be told if it did not. What
   * is told afterwards stays the same.
   */
  wouldTell(header: PacketHeader, nowMs: number): boolean {
    if (!this.#isAsking(header, nowMs)) return false;
    const { version, source, destination, protocol } = header;
    const pair = this.#mixed(destination, protocol);
    if (this.#heard[version].has(source, pair, nowMs)) return false;
    return hear(this.#heardOutside[version], source, pair, nowMs);
  }

  /** Whether it asks for what this machine neither serves nor leaves out, and is of a stranger. */
  #isAsking(header: PacketHeader, nowMs: number): boolean {
    const { version, source, destination, protocol } = header;
    if (!this.#options.sensesOther || this.#options.excludedProtocols.has(protocol)) return false;
    const isPing = isIcmp(header);
    if (!isPing && this.#spoken[version].has(destination, protocol, nowMs)) return false;
    return !this.#isTrusted(source);
  }

  #mixed(words: AddressWords, protocol: number): number {
    let mixed = Math.imul(protocol + 1, this.#salt);
    for (let index = 0; index < 4; index += 1) {
      mixed = Math.imul(mixed ^ (mixed >>> 15) ^ (words[index] as number), this.#salt);
    }
    return (mixed ^ (mixed >>> 13)) >>> 0;
  }
}

/** Whether it is new; when the set is full, everything is. */
function hear(heard: TimedSet, source: AddressWords, pair: number, nowMs: number): boolean {
  if (heard.has(source, pair, nowMs)) return false;
  heard.add(source, pair, nowMs, HEARD_MS);
  return true;
}
