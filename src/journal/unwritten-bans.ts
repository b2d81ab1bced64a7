/**
 * What the journal's file should say and does not, because it could not be written.
 *
 * The changes of each prefix in their order, laid over the file's own row: for a prefix that is in
 * here, the file's word on what is in force does not hold. Bounded: when it is full, the changes of
 * the prefix that came first go, and then a ban is in no list, or an ended one is listed again.
 */
import type { Ban } from "../model/ban.ts";
import type { Prefix } from "../net/prefix.ts";
import type { BanEnd } from "./journal.ts";

export type UnwrittenChange =
  | { readonly act: "record"; readonly ban: Ban }
  | {
      readonly act: "end";
      readonly prefix: Prefix;
      readonly end: BanEnd;
      readonly atEpochMs: number;
    };

export class UnwrittenBans {
  readonly #maxChanges: number;
  /** Prefixes in the order of their first change. */
  readonly #changes = new Map<Prefix, UnwrittenChange[]>();
  #size = 0;

  /** @param maxChanges integer, 1 or more. */
  constructor(maxChanges: number) {
    this.#maxChanges = maxChanges;
  }

  /** Changes held. */
  get size(): number {
    return this.#size;
  }

  record(ban: Ban): void {
    this.#add(ban.prefix, { act: "record", ban });
  }

  end(prefix: Prefix, end: BanEnd, atEpochMs: number): void {
    this.#add(prefix, { act: "end", prefix, end, atEpochMs });
  }

  /** Puts what `move` makes of it in the place of each ban that is in force. */
  replaceInForce(move: (ban: Ban) => Ban): void {
    for (const changes of this.#changes.values()) {
      const last = changes.at(-1);
      if (last?.act === "record")
        changes[changes.length - 1] = { act: "record", ban: move(last.ban) };
    }
  }

  /** @returns false when the file's word holds for `prefix`. */
  has(prefix: Prefix): boolean {
    return this.#changes.has(prefix);
  }

  /** @returns the ban in force; undefined when the last change ended it, or there is none. */
  find(prefix: Prefix): Ban | undefined {
    const last = this.#changes.get(prefix)?.at(-1);
    return last?.act === "record" ? last.ban : undefined;
  }

  /** Bans in force, the oldest first. */
  inForce(): Ban[] {
    return [...this.#changes.keys()]
      .flatMap((prefix) => this.find(prefix) ?? [])
      .sort((a, b) => a.sinceEpochMs - b.sinceEpochMs);
  }

  prefixes(): Iterable<Prefix> {
    return this.#changes.keys();
  }

  /** Everything, or what concerns `prefix`, in an order in which it can be written. */
  changes(prefix?: Prefix): readonly UnwrittenChange[] {
    if (prefix === undefined) return [...this.#changes.values()].flat();
    return this.#changes.get(prefix) ?? [];
  }

  clear(): void {
    this.#changes.clear();
    this.#size = 0;
  }

  #add(prefix: Prefix, change: UnwrittenChange): void {
    if (this.#size >= this.#maxChanges) this.#dropFirst();
    const changes = this.#changes.get(prefix);
    if (changes === undefined) this.#changes.set(prefix, [change]);
    else changes.push(change);
    this.#size += 1;
  }

  #dropFirst(): void {
    const first = this.#changes.entries().next();
    if (first.done) return;
    const [prefix, changes] = first.value;
    this.#changes.delete(prefix);
    this.#size -= changes.length;
  }
}
