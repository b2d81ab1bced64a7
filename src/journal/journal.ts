/**
 * The memory that survives a restart: bans and their stories.
 *
 * The journal is never on the way of a ban: when it cannot be written, bans go on in the kernel,
 * and the loss is counted.
 */
import type { Ban } from "../model/ban.ts";
import type { BoundedCount } from "../model/campaign.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Prefix } from "../net/prefix.ts";

/** How a ban ended. `raised`: it goes on as another one, on stronger evidence. */
export type BanEnd = "expired" | "unbanned" | "replaced" | "raised" | "removed";

/** What {@link Journal.activeBansInside} finds. */
export interface BansInside {
  /** The newest first. */
  readonly bans: Ban[];
  readonly count: BoundedCount;
}

export interface Journal {
  /**
   * Records a ban in force; one that stands for the same prefix ends as "replaced", or as "raised"
   * when this one is what became of it ({@link isRaised}).
   */
  recordBan(ban: Ban): void;
  /** As {@link recordBan} for each, in one write: many at once. */
  recordBans(bans: readonly Ban[]): void;
  /** Ends the ban in force on exactly `prefix`. @returns false when there is none. */
  endBan(prefix: Prefix, end: BanEnd, atEpochMs: number): boolean;
  /** Ends every ban in force. @returns how many. */
  endAllBans(end: BanEnd, atEpochMs: number): number;
  /**
   * Marks as expired what has run out by `atEpochMs`. Costs a look and no write when nothing has.
   * @returns how many.
   */
  expireBans(atEpochMs: number): number;
  /**
   * Forgets bans that ended before `epochMs`, their offences included: the oldest, `limit` at most.
   * Never one in force. Costs a look and no write when there is none.
   * @returns how many, so that fewer than `limit` says that no more are there.
   */
  deleteEndedBefore(epochMs: number, limit: number): number;
  /**
   * The clock is set by `byMs`: bans in force begin and end by so much later (negative: earlier).
   */
  moveBans(byMs: number): void;
  /**
   * Bans in force that begin after `nowEpochMs` were made under a clock that was ahead of this one,
   * and begin now: nobody stays shut out for longer than his whole time.
   */
  beginBansBy(nowEpochMs: number): void;
  /** Bans in force, the newest first. */
  activeBans(limit: number, after: Prefix | undefined): Ban[];
  /**
   * Bans in force on a part of `prefix`, itself not: the newest `limit`, and how many there are.
   * Bounded: where very many texts have to be looked through, `count` is of those that were, and the
   * newest are the newest of those.
   */
  activeBansInside(prefix: Prefix, limit: number): BansInside;
  /** Every ban in force, in batches, for restoring; the oldest first. May be without scores. */
  eachActiveBan(batchSize: number): Iterable<Ban[]>;
  findActiveBan(prefix: Prefix): Ban | undefined;
  /** Whether what became of `prefix` last is where it outlasts this process. */
  isKept(prefix: Prefix): boolean;
  countActiveBans(): number;
  /**
   * Detector bans on `prefix` that began at or after `sinceEpochMs`, on this evidence or stronger:
   * how often it has offended. One that was raised counts as what it became, and once; one that was
   * ended as "unbanned" was none.
   */
  countBansSince(prefix: Prefix, sinceEpochMs: number, evidence: Evidence): number;
  /** Writes that failed and are lost. */
  readonly failures: number;
  close(): void;
}
