/**
 * Every ban that the kernel's sets hold at one moment, handed out in pages.
 *
 * A guard whose journal was lost learns from it whom the kernel shuts out. Bounded by the capacity
 * of the sets, at 12 or 24 bytes an address. 200,000 took 1.3 s of processor time, nearly all of it
 * the kernel's, which walks the set anew for each datagram: twice as many take over four times as
 * long. What is handed out is not kept in any other form.
 */
import type { TableReader } from "../../kernel/table-reader.ts";
import { BAN_CAPACITY } from "../../kernel/table-sets.ts";
import { formatWords, IPV4_MAPPED_WORD } from "../../net/address-words.ts";
import { hostPrefixOf, type Prefix } from "../../net/prefix.ts";
import type { BanOrder } from "./ban-executor.ts";
import { bannedByElement } from "./ban-sets.ts";

/** A ban and when it runs out, monotonic; Infinity: never. */
export interface StandingBan {
  readonly prefix: Prefix;
  readonly endsAtMs: number;
}

/** Room for so many addresses is made first. */
const FIRST_ROOM = 1024;

/** The addresses of one hash set. */
class Addresses {
  readonly #widthBytes: 4 | 16;
  #bytes: Buffer;
  #endsAtMs = new Float64Array(FIRST_ROOM);
  #size = 0;

  constructor(widthBytes: 4 | 16) {
    this.#widthBytes = widthBytes;
    this.#bytes = Buffer.alloc(FIRST_ROOM * widthBytes);
  }

  get size(): number {
    return this.#size;
  }

  add(bytes: Buffer, endsAtMs: number): void {
    if (bytes.length !== this.#widthBytes || this.#size >= BAN_CAPACITY) return;
    if (this.#size === this.#endsAtMs.length) this.#grow();
    bytes.copy(this.#bytes, this.#size * this.#widthBytes);
    this.#endsAtMs[this.#size] = endsAtMs;
    this.#size += 1;
  }

  at(index: number, ipv6PrefixBits: number): StandingBan {
    const at = index * this.#widthBytes;
    const word = (offset: number) => this.#bytes.readUInt32BE(at + offset);
    const words =
      this.#widthBytes === 4
        ? Uint32Array.of(0, 0, IPV4_MAPPED_WORD, word(0))
        : Uint32Array.of(word(0), word(4), word(8), word(12));
    const prefix = bannedByElement(hostPrefixOf(formatWords(words)), ipv6PrefixBits);
    return { prefix, endsAtMs: this.#endsAtMs[index] as number };
  }

  #grow(): void {
    const endsAtMs = new Float64Array(this.#endsAtMs.length * 2);
    endsAtMs.set(this.#endsAtMs);
    this.#endsAtMs = endsAtMs;
    this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
  }
}

export class BanInventory {
  readonly #ipv6PrefixBits: number;
  readonly #intervals: readonly StandingBan[];
  readonly #sets: readonly Addresses[];
  #given = 0;

  /**
   * Reads the hash sets.
   * @param intervals what the interval sets hold.
   * @param ipv6PrefixBits length of the IPv6 block that is one source. Bits, 48 to 128.
   */
  constructor(
    reader: Pick<TableReader, "eachAddress">,
    intervals: readonly StandingBan[],
    ipv6PrefixBits: number,
    nowMs: number,
  ) {
    this.#intervals = intervals;
    this.#ipv6PrefixBits = ipv6PrefixBits;
    const read = (set: string, widthBytes: 4 | 16): Addresses => {
      const addresses = new Addresses(widthBytes);
      reader.eachAddress(set, (bytes, expiresMs) => {
        addresses.add(bytes, nowMs + (expiresMs ?? Number.POSITIVE_INFINITY));
      });
      return addresses;
    };
    this.#sets = [read("banned4", 4), read("banned6", 16)];
  }

  /**
   * @returns the next bans that still stand at `nowMs`, at most `limit` (1 or more); empty when that
   * was all.
   */
  next(limit: number, nowMs: number): BanOrder[] {
    const page: BanOrder[] = [];
    while (page.length < limit) {
      const ban = this.#at(this.#given);
      if (ban === undefined) break;
      this.#given += 1;
      const leftMs = Math.round(ban.endsAtMs - nowMs);
      if (leftMs <= 0) continue;
      page.push({ prefix: ban.prefix, timeoutMs: Number.isFinite(leftMs) ? leftMs : null });
    }
    return page;
  }

  #at(index: number): StandingBan | undefined {
    if (index < this.#intervals.length) return this.#intervals[index];
    let behind = index - this.#intervals.length;
    for (const set of this.#sets) {
      if (behind < set.size) return set.at(behind, this.#ipv6PrefixBits);
      behind -= set.size;
    }
    return undefined;
  }
}
