/**
 * Every ban that the kernel's sets hold, read as it is handed out, page by page.
 *
 * A guard whose journal was lost learns from it whom the kernel shuts out. Nothing is kept: a page
 * is what the kernel has listed when the page before it was asked for, so that what is taken away
 * later is in no page. The kernel walks a set anew for each page. Between two the broker does its
 * other work.
 */
import type { AddressPages, TableReader } from "../../kernel/table-reader.ts";
import type { BanOrder } from "../../model/ban-order.ts";
import { formatWords, IPV4_MAPPED_WORD } from "../../net/address-words.ts";
import { hostPrefixOf, type Prefix } from "../../net/prefix.ts";
import { bannedByElement } from "./ban-sets.ts";

/** A ban and when it runs out, monotonic; Infinity: never. */
export interface StandingBan {
  readonly prefix: Prefix;
  readonly endsAtMs: number;
}

/** Where a table is not, or is nothing to go by. */
export const NO_ADDRESSES: Pick<TableReader, "readAddresses"> = {
  readAddresses: () => ({ next: () => false, close: () => {} }),
};

export class BanInventory {
  readonly #reader: Pick<TableReader, "readAddresses">;
  readonly #ipv6PrefixBits: number;
  #intervals: readonly StandingBan[];
  /** Those that are to be read. */
  readonly #sets = ["banned4", "banned6"];
  #pages: AddressPages | undefined;

  /**
   * @param intervals what the interval sets hold.
   * @param ipv6PrefixBits length of the IPv6 block that is one source. Bits, 48 to 128.
   */
  constructor(
    reader: Pick<TableReader, "readAddresses">,
    intervals: readonly StandingBan[],
    ipv6PrefixBits: number,
  ) {
    this.#reader = reader;
    this.#intervals = intervals;
    this.#ipv6PrefixBits = ipv6PrefixBits;
  }

  /**
   * @returns the next bans that still stand at `nowMs`: first what the interval sets hold, then
   * some eight hundred at a time; empty when that was all.
   */
  next(nowMs: number): BanOrder[] {
    const page = this.#intervals.flatMap(({ prefix, endsAtMs }) => {
      const leftMs = endsAtMs - nowMs;
      return leftMs > 0 ? [orderOf(prefix, leftMs)] : [];
    });
    this.#intervals = [];
    while (page.length === 0) {
      if (!this.#read(page)) break;
    }
    return page;
  }

  /** Reads no more. May be called again. */
  close(): void {
    this.#pages?.close();
    this.#pages = undefined;
    this.#sets.length = 0;
  }

  /** Adds what the kernel gives at once. @returns false when there is no more. */
  #read(page: BanOrder[]): boolean {
    const [set] = this.#sets;
    if (set === undefined) return false;
    this.#pages ??= this.#reader.readAddresses(set);
    const hasMore = this.#pages.next((bytes, expiresMs) => {
      const prefix = this.#prefixOf(bytes);
      if (prefix !== undefined) page.push(orderOf(prefix, expiresMs ?? Number.POSITIVE_INFINITY));
    });
    if (hasMore) return true;
    this.#pages.close();
    this.#pages = undefined;
    this.#sets.shift();
    return true;
  }

  #prefixOf(bytes: Buffer): Prefix | undefined {
    if (bytes.length !== 4 && bytes.length !== 16) return undefined;
    const word = (offset: number) => bytes.readUInt32BE(offset);
    const words =
      bytes.length === 4
        ? Uint32Array.of(0, 0, IPV4_MAPPED_WORD, word(0))
        : Uint32Array.of(word(0), word(4), word(8), word(12));
    return bannedByElement(hostPrefixOf(formatWords(words)), this.#ipv6PrefixBits);
  }
}

/** @param leftMs more than 0; Infinity: for good. */
function orderOf(prefix: Prefix, leftMs: number): BanOrder {
  return { prefix, timeoutMs: Number.isFinite(leftMs) ? Math.max(1, Math.round(leftMs)) : null };
}
