/**
 * Who is never banned, and why.
 *
 * This saves the guard from asking for what the broker would refuse, and lets it say why. It is not
 * the protection itself: kernel and broker ask their own lists, which the guard cannot shorten.
 */
import type { TrustedEntry } from "../model/trusted-entry.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { IpAddress } from "../net/ip-address.ts";
import { type Prefix, parsePrefix } from "../net/prefix.ts";
import { PrefixSet } from "../net/prefix-set.ts";

/** The trusted addresses and prefixes in force; empty until the first `replace`. */
export class TrustedPrefixes {
  #entries = new PrefixSet<string>();

  /** Entries in force; a prefix that was given twice is one. */
  get size(): number {
    return this.#entries.size;
  }

  /** Puts `entries` in the place of all that were trusted before. */
  replace(entries: Iterable<TrustedEntry>): void {
    const next = new PrefixSet<string>();
    for (const { prefix, why } of entries) next.add(prefix, why);
    this.#entries = next;
  }

  /** Whether the address is trusted itself. Allocates nothing. */
  holds(address: AddressWords): boolean {
    return this.#entries.coveringWords(address) !== undefined;
  }

  /**
   * @returns the reason that saves `target`: a ban of it would cover a trusted address, be the
   * trusted block around it or inside it. undefined when nothing does.
   */
  why(target: Prefix | IpAddress): string | undefined {
    const prefix = parsePrefix(target);
    if (prefix === undefined) throw new TypeError(`not a canonical prefix: ${target}`);
    return this.#entries.overlapping(prefix)?.label;
  }

  /** @returns why all of `prefix` is trusted; undefined when at most a part of it is. */
  whyWhole(prefix: Prefix): string | undefined {
    return this.#entries.holding(prefix)?.label;
  }

  /** Who is trusted and a part of `prefix`, itself not: the first `limit` by their addresses. */
  inside(prefix: Prefix, limit: number): TrustedEntry[] {
    const found: TrustedEntry[] = [];
    for (const { prefix: part, label: why } of this.#entries.inside(prefix)) {
      if (found.length >= limit) break;
      found.push({ prefix: part, why });
    }
    return found;
  }
}
