/**
 * The journal in a SQLite file.
 *
 * Nothing here may stop a ban. What SQLite refuses (a full disk, a lock that somebody holds, a
 * damaged page) is caught at the call and counted, and the change is remembered in memory, so that
 * lists and unbans stay right in this run. The file is then left alone for a while, because each
 * try may cost a time-out, and with the next write that succeeds everything remembered is written
 * first. Lost for good is what the process still remembered when it was killed, and the oldest of
 * more than 10 000 changes.
 */
import { type Ban, beginningBy, isRaised, movedBan } from "../model/ban.ts";
import { type Evidence, isStronger } from "../model/evidence.ts";
import { isInside, type Prefix } from "../net/prefix.ts";
import { BanStatements } from "./ban-statements.ts";
import type { GuardedDatabase } from "./guarded-database.ts";
import type { BanEnd, BansInside, Journal } from "./journal.ts";
import { UnwrittenBans } from "./unwritten-bans.ts";

const MAX_UNWRITTEN = 10_000;

/** Prefixes that are looked at to find those inside another: some hundredths of a second. */
const MAX_LOOKED_THROUGH = 20_000;

export class SqliteJournal implements Journal {
  readonly #file: GuardedDatabase;
  readonly #bans: BanStatements;
  readonly #unwritten = new UnwrittenBans(MAX_UNWRITTEN);
  /** By how much (ms) the file's own bans in force have yet to move, with the next write. */
  #owedMs = 0;

  /** @param file the journal closes it. */
  constructor(file: GuardedDatabase) {
    this.#file = file;
    this.#bans = new BanStatements(file.database);
  }

  /** Writes and reads that failed; only grows, also when a write is made good later. */
  get failures(): number {
    return this.#file.failures;
  }

  recordBan(ban: Ban): void {
    this.recordBans([ban]);
  }

  recordBans(bans: readonly Ban[]): void {
    if (bans.length === 0) return;
    const isWritten = this.#write(() => {
      for (const ban of bans) this.#bans.record(ban);
      return true;
    });
    if (isWritten !== undefined) return;
    for (const ban of bans) this.#unwritten.record(ban);
  }

  endBan(prefix: Prefix, end: BanEnd, atEpochMs: number): boolean {
    const written = this.#write(() => this.#bans.end(prefix, end, atEpochMs));
    if (written !== undefined) return written;
    if (this.findActiveBan(prefix) === undefined) return false;
    this.#unwritten.end(prefix, end, atEpochMs);
    return true;
  }

  endAllBans(end: BanEnd, atEpochMs: number): number {
    const written = this.#write(() => this.#bans.endAll(end, atEpochMs));
    if (written !== undefined) return written;
    // More than can be remembered stay listed: better than to forget what is remembered already.
    const bans = this.activeBans(MAX_UNWRITTEN, undefined);
    for (const { prefix } of bans) this.#unwritten.end(prefix, end, atEpochMs);
    return bans.length;
  }

  expireBans(atEpochMs: number): number {
    const isDue = this.#file.read(() => this.#bans.isAnyDue(atEpochMs), false);
    // What is not in the file is written at the first chance, and this is asked every second.
    if (!isDue && this.#unwritten.size === 0) return 0;
    const written = this.#write(() => this.#bans.expire(atEpochMs));
    if (written !== undefined) return written;
    // The file's own rows are left: this is asked again and again, and they run out all the same.
    const expired = this.#unwritten
      .inForce()
      .filter(({ untilEpochMs }) => untilEpochMs !== undefined && untilEpochMs <= atEpochMs);
    for (const { prefix, untilEpochMs } of expired) {
      this.#unwritten.end(prefix, "expired", untilEpochMs ?? atEpochMs);
    }
    return expired.length;
  }

  moveBans(byMs: number): void {
    // Into what is written first: a file that fails takes neither.
    this.#owedMs += byMs;
    this.#unwritten.replaceInForce((ban) => movedBan(ban, byMs));
    this.#write(() => true);
  }

  beginBansBy(nowEpochMs: number): void {
    this.#unwritten.replaceInForce((ban) => beginningBy(ban, nowEpochMs));
    this.#write(() => {
      this.#bans.beginBy(nowEpochMs);
      return true;
    });
  }

  deleteEndedBefore(epochMs: number, limit: number): number {
    const isAny = this.#file.read(() => this.#bans.hasEndedBefore(epochMs), false);
    if (!isAny) return 0;
    return this.#write(() => this.#bans.deleteEndedBefore(epochMs, limit)) ?? 0;
  }

  activeBans(limit: number, after: Prefix | undefined): Ban[] {
    // What is not in the file is newer than all that is: a write that succeeds writes it first.
    const unwritten = this.#unwritten.inForce().reverse();
    const index = unwritten.findIndex(({ prefix }) => prefix === after);
    const isInFile = after !== undefined && index === -1;
    const first = isInFile ? [] : unwritten.slice(index + 1, index + 1 + limit);
    const rest = this.#file.read(() => {
      const place = isInFile ? this.#bans.placeOf(after) : undefined;
      if (isInFile && place === undefined) return [];
      return this.#bans.before(place, limit - first.length + this.#unwritten.size);
    }, []);
    return [...first, ...this.#withoutUnwritten(rest)].slice(0, limit);
  }

  activeBansInside(prefix: Prefix, limit: number): BansInside {
    const unwritten = this.#unwritten.inForce().filter((ban) => isInside(ban.prefix, prefix));
    const read = this.#file.read(() => this.#bans.inside(prefix, MAX_LOOKED_THROUGH), []);
    const written = read
      .slice(0, MAX_LOOKED_THROUGH)
      .filter((each) => isInside(each, prefix) && !this.#unwritten.has(each));
    const told = written.slice(0, Math.max(0, limit - unwritten.length));
    const bans = [
      ...unwritten.reverse(),
      ...told.flatMap((each) => this.findActiveBan(each) ?? []),
    ];
    const isAtLeast = read.length > MAX_LOOKED_THROUGH;
    const count = { count: unwritten.length + written.length, isAtLeast };
    return { bans: bans.slice(0, limit), count };
  }

  *eachActiveBan(batchSize: number): Generator<Ban[], undefined> {
    const batches = this.#bans.batches(batchSize);
    for (;;) {
      const next = this.#file.read(() => batches.next(), { done: true, value: undefined });
      if (next.done) break;
      const bans = this.#withoutUnwritten(next.value);
      if (bans.length > 0) yield bans;
    }
    const unwritten = this.#unwritten.inForce();
    for (let from = 0; from < unwritten.length; from += batchSize) {
      yield unwritten.slice(from, from + batchSize);
    }
  }

  findActiveBan(prefix: Prefix): Ban | undefined {
    if (this.#unwritten.has(prefix)) return this.#unwritten.find(prefix);
    return this.#file.read(() => this.#bans.find(prefix), undefined);
  }

  isKept(prefix: Prefix): boolean {
    return !this.#unwritten.has(prefix);
  }

  countActiveBans(): number {
    return (
      this.#file.read(() => {
        let count = this.#bans.count();
        for (const prefix of this.#unwritten.prefixes()) {
          if (this.#bans.find(prefix) !== undefined) count -= 1;
        }
        return count;
      }, 0) + this.#unwritten.inForce().length
    );
  }

  countBansSince(prefix: Prefix, sinceEpochMs: number, evidence: Evidence): number {
    const written = this.#file.read(() => this.#bans.countSince(prefix, sinceEpochMs, evidence), 0);
    const changes = this.#unwritten.changes(prefix);
    const unwritten = changes.filter((change, index) => {
      if (change.act === "end") return false;
      const { ban } = change;
      const next = changes[index + 1];
      if (next?.act === "record" && isRaised(ban, next.ban)) return false;
      if (next?.act === "end" && next.end === "unbanned") return false;
      return isOffence(ban, sinceEpochMs) && !isStronger(evidence, ban.evidence);
    });
    return written + unwritten.length;
  }

  /** Tries once more to write what is not in the file. May be called twice. */
  close(): void {
    if (!this.#file.database.isOpen) return;
    this.#file.retryAtOnce();
    if (this.#unwritten.size > 0) this.#write(() => true);
    this.#file.database.close();
  }

  /** @returns undefined when it could not be written. `act` may not return undefined. */
  #write<Value>(act: () => Value): Value | undefined {
    const value = this.#file.write(() => {
      if (this.#owedMs !== 0) this.#bans.move(this.#owedMs);
      this.#catchUp();
      return act();
    });
    if (value === undefined) return undefined;
    this.#owedMs = 0;
    this.#unwritten.clear();
    return value;
  }

  #catchUp(): void {
    for (const change of this.#unwritten.changes()) {
      if (change.act === "record") this.#bans.record(change.ban);
      else this.#bans.end(change.prefix, change.end, change.atEpochMs);
    }
  }

  #withoutUnwritten(bans: Ban[]): Ban[] {
    if (this.#unwritten.size === 0) return bans;
    return bans.filter(({ prefix }) => !this.#unwritten.has(prefix));
  }
}

function isOffence(ban: Ban, sinceEpochMs: number): boolean {
  return ban.origin === "detector" && ban.sinceEpochMs >= sinceEpochMs;
}
