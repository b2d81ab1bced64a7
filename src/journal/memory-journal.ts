/**
 * The journal in memory: what is left when no file can be written.
 *
 * Everything works but the memory itself, which ends with the process. Bounded: when it is full,
 * the oldest ban is no longer listed, though the kernel keeps it, and the oldest source's offences
 * are forgotten.
 */
import { type Ban, beginningBy, isRaised, movedBan } from "../model/ban.ts";
import { type Evidence, isStronger } from "../model/evidence.ts";
import { isInside, type Prefix } from "../net/prefix.ts";
import type { BanEnd, BansInside, Journal } from "./journal.ts";

export interface MemoryJournalOptions {
  /** Bans in force, and sources with offences, remembered at once. 1 or more. Default 100 000. */
  readonly maxBans?: number;
  /** Bans in force at the beginning, the oldest first. */
  readonly inForce?: Iterable<Ban>;
  /** It stands in for a file: every change is a write that is lost, and counted. Default false. */
  readonly isStandIn?: boolean;
}

const DEFAULT_MAX_BANS = 100_000;

/** Offences remembered a source: more than any list of ban times is long. */
const MAX_OFFENCES = 32;

type Offence = Pick<Ban, "sinceEpochMs" | "evidence">;

export class MemoryJournal implements Journal {
  readonly #maxBans: number;
  /** In the order of arrival. */
  readonly #active = new Map<Prefix, Ban>();
  /** A detector's bans on a prefix; in the order of the last of each. */
  readonly #offences = new Map<Prefix, Offence[]>();
  #isStandIn = false;
  #failures = 0;

  constructor({
    maxBans = DEFAULT_MAX_BANS,
    inForce = [],
    isStandIn = false,
  }: MemoryJournalOptions = {}) {
    this.#maxBans = maxBans;
    for (const ban of inForce) this.recordBan(ban);
    this.#isStandIn = isStandIn;
  }

  /** Bans that had to be forgotten; and every change, when it stands in for a file. */
  get failures(): number {
    return this.#failures;
  }

  recordBan(ban: Ban): void {
    const standing = this.#active.get(ban.prefix);
    if (standing !== undefined && isRaised(standing, ban)) this.#offences.get(ban.prefix)?.pop();
    this.#active.delete(ban.prefix);
    if (makeRoom(this.#active, this.#maxBans)) this.#failures += 1;
    this.#active.set(ban.prefix, ban);
    if (ban.origin === "detector") this.#recordOffence(ban);
    this.#countChanges(1);
  }

  recordBans(bans: readonly Ban[]): void {
    for (const ban of bans) this.recordBan(ban);
  }

  endBan(prefix: Prefix, end: BanEnd, _atEpochMs: number): boolean {
    const ban = this.#active.get(prefix);
    if (ban === undefined) return false;
    if (end === "unbanned") this.#takeBack(ban);
    this.#active.delete(prefix);
    this.#countChanges(1);
    return true;
  }

  endAllBans(end: BanEnd, _atEpochMs: number): number {
    const count = this.#active.size;
    if (end === "unbanned") for (const ban of this.#active.values()) this.#takeBack(ban);
    this.#active.clear();
    this.#countChanges(count);
    return count;
  }

  expireBans(atEpochMs: number): number {
    let count = 0;
    for (const { prefix, untilEpochMs } of this.#active.values()) {
      if (untilEpochMs === undefined || untilEpochMs > atEpochMs) continue;
      this.#active.delete(prefix);
      count += 1;
    }
    // Not a loss: whoever reads the time of a ban sees that it is over.
    return count;
  }

  /** Nothing that has ended is kept but its offences, which are few and bounded by themselves. */
  deleteEndedBefore(_epochMs: number, _limit: number): number {
    return 0;
  }

  moveBans(byMs: number): void {
    for (const [prefix, ban] of this.#active) this.#active.set(prefix, movedBan(ban, byMs));
  }

  beginBansBy(nowEpochMs: number): void {
    for (const [prefix, ban] of this.#active) {
      this.#active.set(prefix, beginningBy(ban, nowEpochMs));
    }
  }

  activeBans(limit: number, after: Prefix | undefined): Ban[] {
    const bans = this.#oldestFirst().reverse();
    if (after === undefined) return bans.slice(0, limit);
    const index = bans.findIndex(({ prefix }) => prefix === after);
    return index === -1 ? [] : bans.slice(index + 1, index + 1 + limit);
  }

  activeBansInside(prefix: Prefix, limit: number): BansInside {
    const inside = this.#oldestFirst().filter((ban) => isInside(ban.prefix, prefix));
    const count = { count: inside.length, isAtLeast: false };
    return { bans: inside.reverse().slice(0, limit), count };
  }

  *eachActiveBan(batchSize: number): Generator<Ban[], undefined> {
    const bans = this.#oldestFirst();
    for (let from = 0; from < bans.length; from += batchSize) {
      yield bans.slice(from, from + batchSize);
    }
  }

  findActiveBan(prefix: Prefix): Ban | undefined {
    return this.#active.get(prefix);
  }

  isKept(): boolean {
    return !this.#isStandIn;
  }

  countActiveBans(): number {
    return this.#active.size;
  }

  countBansSince(prefix: Prefix, sinceEpochMs: number, evidence: Evidence): number {
    const offences = this.#offences.get(prefix) ?? [];
    return offences.filter(
      (offence) => offence.sinceEpochMs >= sinceEpochMs && !isStronger(evidence, offence.evidence),
    ).length;
  }

  close(): void {
    this.#active.clear();
    this.#offences.clear();
  }

  /** The ban in force, which is the last of its prefix, was no offence. */
  #takeBack({ prefix, origin }: Ban): void {
    if (origin === "detector") this.#offences.get(prefix)?.pop();
  }

  #recordOffence({ prefix, sinceEpochMs, evidence }: Ban): void {
    const offence = { sinceEpochMs, evidence };
    const offences = [...(this.#offences.get(prefix) ?? []), offence].slice(-MAX_OFFENCES);
    this.#offences.delete(prefix);
    makeRoom(this.#offences, this.#maxBans);
    this.#offences.set(prefix, offences);
  }

  #countChanges(changes: number): void {
    if (this.#isStandIn) this.#failures += changes;
  }

  /** Arrival is nearly, but not quite, the order of time: an operator can set the clock. */
  #oldestFirst(): Ban[] {
    return [...this.#active.values()].sort((a, b) => a.sinceEpochMs - b.sinceEpochMs);
  }
}

/** Drops the first entry when one more would be too many. @returns whether one was dropped. */
function makeRoom<Value>(entries: Map<Prefix, Value>, maxEntries: number): boolean {
  const oldest = entries.keys().next();
  return !oldest.done && entries.size >= maxEntries && entries.delete(oldest.value);
}
