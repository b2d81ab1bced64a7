/**
 * Who is never banned, with the reason for each, asked before every ban.
 *
 * A ban that merely overlaps a trusted address is refused, either way round: a banned /24 around a
 * gateway shuts the gateway out. IPv4-mapped texts are IPv4 by the time they are prefixes, so there
 * is no second spelling. While a vital source of trust (an ignore file that must be there) has
 * never been read, nobody can be told apart and every ban is refused.
 */
import type { TrustedEntry } from "../model/trusted-entry.ts";
import { type Prefix, prefixesOverlap } from "../net/prefix.ts";
import { PrefixSet } from "../net/prefix-set.ts";

/** What the executors ask. */
export interface TrustCheck {
  /** @returns why nothing that overlaps `prefix` may be banned; undefined when it may. */
  check(prefix: Prefix): string | undefined;
}

export class TrustedSet implements TrustCheck {
  #entries: readonly TrustedEntry[] = [];
  #set = new PrefixSet<string>();
  #blindness: string | undefined = "who is trusted has not been read yet";

  /** Every entry once, in the order of their sources. */
  get entries(): readonly TrustedEntry[] {
    return this.#entries;
  }

  /** Why nobody can be banned, because who is trusted is not known; undefined when it is. */
  get blindness(): string | undefined {
    return this.#blindness;
  }

  /**
   * Replaces everything. Of two entries with one prefix the first is kept.
   * @param blindness why trust cannot be known, which refuses every ban; undefined when it can.
   * @returns whether anything is different now.
   */
  replace(entries: readonly TrustedEntry[], blindness?: string): boolean {
    const unique = new Map<Prefix, TrustedEntry>();
    for (const entry of entries) {
      if (!unique.has(entry.prefix)) unique.set(entry.prefix, entry);
    }
    const merged = [...unique.values()];
    const isSame = blindness === this.#blindness && haveSameEntries(merged, this.#entries);
    this.#blindness = blindness;
    if (isSame) return false;
    this.#entries = merged;
    this.#set = new PrefixSet();
    for (const { prefix, why } of merged) this.#set.add(prefix, why);
    return true;
  }

  check(prefix: Prefix): string | undefined {
    if (this.#blindness !== undefined) return this.#blindness;
    const entry = this.#set.overlapping(prefix);
    if (entry === undefined) return undefined;
    if (entry.prefix === prefix) return `trusted: ${entry.label}`;
    return `overlaps ${entry.prefix}, which is trusted: ${entry.label}`;
  }
}

/** @returns the blocks without those that lie inside another: interval sets take no overlaps. */
export function outermost(prefixes: Iterable<Prefix>): Prefix[] {
  const all = new PrefixSet<undefined>();
  for (const prefix of prefixes) all.add(prefix, undefined);
  const outer: Prefix[] = [];
  // A block comes before the blocks inside it, so only the last one kept can hold the next.
  for (const { prefix } of all) {
    const last = outer.at(-1);
    if (last === undefined || !prefixesOverlap(last, prefix)) outer.push(prefix);
  }
  return outer;
}

function haveSameEntries(a: readonly TrustedEntry[], b: readonly TrustedEntry[]): boolean {
  return (
    a.length === b.length &&
    a.every((entry, index) => entry.prefix === b[index]?.prefix && entry.why === b[index]?.why)
  );
}
