/**
 * The prefix bans that stand, so that an overlap is refused in words before the kernel refuses it.
 *
 * Interval sets take no overlapping elements. Bounded by {@link MAX_INTERVAL_BANS}: each lookup in
 * the kernel and each change costs more with every interval, and nobody bans thousands by hand.
 */
import type { Prefix } from "../../net/prefix.ts";
import { PrefixSet } from "../../net/prefix-set.ts";

export const MAX_INTERVAL_BANS = 4096;

/**
 * The kernel starts to count later than we do; until it is done too, the ban counts as standing.
 */
const LATENESS_MS = 1000;

export class IntervalBans {
  /** Labels: when the ban runs out, monotonic. */
  readonly #bans = new PrefixSet<number>();

  get size(): number {
    return this.#bans.size;
  }

  /** Remembers a ban; null: for good. One that is in already gets the new time. */
  add(prefix: Prefix, timeoutMs: number | null, nowMs: number): void {
    const endsAtMs =
      timeoutMs === null ? Number.POSITIVE_INFINITY : nowMs + timeoutMs + LATENESS_MS;
    this.#bans.add(prefix, endsAtMs);
  }

  delete(prefix: Prefix): void {
    this.#bans.delete(prefix);
  }

  /** @returns a standing ban that has an address in common with `prefix`, or is `prefix`. */
  overlapping(prefix: Prefix, nowMs: number): Prefix | undefined {
    for (;;) {
      const entry = this.#bans.overlapping(prefix);
      if (entry === undefined || entry.label > nowMs) return entry?.prefix;
      this.#bans.delete(entry.prefix);
    }
  }

  /** Forgets what has run out. @returns the standing bans. */
  standing(nowMs: number): Prefix[] {
    for (const { prefix, label } of [...this.#bans]) {
      if (label <= nowMs) this.#bans.delete(prefix);
    }
    return [...this.#bans].map(({ prefix }) => prefix);
  }

  /** The standing bans and when each runs out, monotonic. */
  entries(nowMs: number): { readonly prefix: Prefix; readonly endsAtMs: number }[] {
    return [...this.#bans]
      .filter(({ label }) => label > nowMs)
      .map(({ prefix, label }) => ({ prefix, endsAtMs: label - LATENESS_MS }));
  }

  clear(): void {
    for (const { prefix } of [...this.#bans]) this.#bans.delete(prefix);
  }
}
