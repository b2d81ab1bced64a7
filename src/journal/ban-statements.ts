/**
 * Every question and change of the `ban` table, prepared once.
 *
 * Errors of SQLite pass through: whoever calls decides what a failure means. The file is the
 * guard's, which is taken to be taken over, and root reads it, too: a row that this program would
 * not have written is passed over. Its types are the schema's, which is compared before the file is
 * used.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { BAN_MEANS, type Ban, isRaised } from "../model/ban.ts";
import { EVIDENCE_LEVELS, type Evidence, evidenceFrom } from "../model/evidence.ts";
import { familyOfPrefix, type Prefix, parsePrefix } from "../net/prefix.ts";
import type { BanEnd } from "./journal.ts";
import { textStartsInside } from "./prefix-text.ts";
import { decodeScore, encodeScore } from "./score-text.ts";

/** Where a ban stands in the order of time: two of one millisecond differ by their row. */
export interface BanPlace {
  readonly sinceEpochMs: number;
  readonly id: number;
}

/** A row of {@link COLUMNS}; the schema's STRICT sees to the types. */
type BanRow = readonly [
  id: number,
  prefix: string,
  sinceEpochMs: number,
  untilEpochMs: number | null,
  evidence: string,
  origin: string,
  reason: string,
  ruleId: string | null,
  campaignId: string | null,
  configRevision: string,
  means: string,
  /** Left out where bans are read by the million. */
  score?: string | null,
];

interface PlaceRow {
  readonly id: number;
  readonly since_epoch_ms: number;
}

interface InsideRow {
  readonly id: number;
  readonly prefix: string;
}

interface CountRow {
  readonly bans: number;
}

/** Who may have made a ban. */
const ORIGINS: readonly string[] = ["detector", "operator", "unknown"] satisfies Ban["origin"][];

const EVIDENCE: readonly string[] = EVIDENCE_LEVELS;

/** The last moment that a Date can be, in ms since 1970 (ECMA-262, Time Values). */
const LAST_EPOCH_MS = 8.64e15;

/** Before and behind every row. */
const OLDEST: BanPlace = { sinceEpochMs: Number.MIN_SAFE_INTEGER, id: 0 };
const NEWEST: BanPlace = { sinceEpochMs: Number.MAX_SAFE_INTEGER, id: 0 };

/** In the order of {@link BanRow}. */
const COLUMNS = `id, prefix, since_epoch_ms, until_epoch_ms, evidence, origin, reason, rule_id,
  campaign_id, config_revision, means`;

const COLUMNS_WITH_SCORE = `${COLUMNS}, score`;

export class BanStatements {
  readonly #insert: StatementSync;
  readonly #end: StatementSync;
  readonly #endAll: StatementSync;
  readonly #expire: StatementSync;
  readonly #due: StatementSync;
  readonly #endedBefore: StatementSync;
  readonly #deleteEnded: StatementSync;
  readonly #move: StatementSync;
  readonly #beginBy: StatementSync;
  readonly #find: StatementSync;
  readonly #place: StatementSync;
  readonly #newerFirst: StatementSync;
  readonly #olderFirst: StatementSync;
  readonly #inside: StatementSync;
  readonly #count: StatementSync;
  readonly #countSince: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO ban (prefix, family, since_epoch_ms, until_epoch_ms, evidence, origin, reason,
         rule_id, campaign_id, config_revision, means, score)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#end = database.prepare(
      `UPDATE ban SET ended_by = ?, ended_at_epoch_ms = ?
       WHERE prefix = ? AND ended_at_epoch_ms IS NULL`,
    );
    this.#endAll = database.prepare(
      "UPDATE ban SET ended_by = ?, ended_at_epoch_ms = ? WHERE ended_at_epoch_ms IS NULL",
    );
    this.#expire = database.prepare(
      `UPDATE ban SET ended_by = 'expired', ended_at_epoch_ms = until_epoch_ms
       WHERE until_epoch_ms <= ? AND ended_at_epoch_ms IS NULL`,
    );
    this.#due = database.prepare(
      "SELECT 1 FROM ban WHERE until_epoch_ms <= ? AND ended_at_epoch_ms IS NULL LIMIT 1",
    );
    this.#endedBefore = database.prepare("SELECT 1 FROM ban WHERE ended_at_epoch_ms < ? LIMIT 1");
    this.#deleteEnded = database.prepare(
      `DELETE FROM ban WHERE id IN
         (SELECT id FROM ban WHERE ended_at_epoch_ms < ? ORDER BY ended_at_epoch_ms LIMIT ?)`,
    );
    this.#move = database.prepare(
      `UPDATE ban SET since_epoch_ms = since_epoch_ms + ?1, until_epoch_ms = until_epoch_ms + ?1
       WHERE ended_at_epoch_ms IS NULL`,
    );
    this.#beginBy = database.prepare(
      `UPDATE ban SET since_epoch_ms = ?1, until_epoch_ms = until_epoch_ms - since_epoch_ms + ?1
       WHERE ended_at_epoch_ms IS NULL AND since_epoch_ms > ?1`,
    );
    this.#find = database.prepare(
      `SELECT ${COLUMNS_WITH_SCORE} FROM ban WHERE prefix = ? AND ended_at_epoch_ms IS NULL`,
    );
    this.#place = database.prepare(
      "SELECT since_epoch_ms, id FROM ban WHERE prefix = ? ORDER BY id DESC LIMIT 1",
    );
    // Two questions in one: of a comparison of both columns at once SQLite looks up the first alone,
    // and each page of bans of one millisecond would read all those before it again.
    this.#newerFirst = database.prepare(
      `SELECT ${COLUMNS_WITH_SCORE} FROM ban
       WHERE ended_at_epoch_ms IS NULL AND since_epoch_ms = ?1 AND id < ?2
       UNION ALL
       SELECT ${COLUMNS_WITH_SCORE} FROM ban
       WHERE ended_at_epoch_ms IS NULL AND since_epoch_ms < ?1
       ORDER BY since_epoch_ms DESC, id DESC LIMIT ?3`,
    );
    this.#olderFirst = database.prepare(
      `SELECT ${COLUMNS} FROM ban
       WHERE ended_at_epoch_ms IS NULL AND since_epoch_ms = ?1 AND id > ?2
       UNION ALL
       SELECT ${COLUMNS} FROM ban
       WHERE ended_at_epoch_ms IS NULL AND since_epoch_ms > ?1
       ORDER BY since_epoch_ms, id LIMIT ?3`,
    );
    // Rows as arrays are read in half the time, which a million bans at start are worth.
    for (const statement of [this.#find, this.#newerFirst, this.#olderFirst]) {
      statement.setReturnArrays(true);
    }
    // All of it stands in the index; "~" comes behind every letter of an address.
    this.#inside = database.prepare(
      `SELECT ban.id, ban.prefix FROM json_each(?1) AS start
       CROSS JOIN ban INDEXED BY ban_in_force
         ON ban.prefix >= start.value AND ban.prefix < start.value || '~'
       WHERE ban.ended_at_epoch_ms IS NULL AND (instr(ban.prefix, ':') > 0) = ?2 LIMIT ?3`,
    );
    this.#count = database.prepare(
      "SELECT count(*) AS bans FROM ban WHERE ended_at_epoch_ms IS NULL",
    );
    this.#countSince = database.prepare(
      `SELECT count(*) AS bans FROM ban
       WHERE prefix = ? AND since_epoch_ms >= ? AND origin = 'detector'
         AND evidence IN (SELECT value FROM json_each(?))
         AND (ended_by IS NULL OR ended_by NOT IN ('raised', 'unbanned'))`,
    );
  }

  /**
   * Ends the ban in force on the same prefix as "replaced" or "raised". Two changes: needs a
   * transaction.
   */
  record(ban: Ban): void {
    const standing = this.find(ban.prefix);
    const end = standing !== undefined && isRaised(standing, ban) ? "raised" : "replaced";
    this.end(ban.prefix, end, ban.sinceEpochMs);
    this.#insert.run(
      ban.prefix,
      familyOfPrefix(ban.prefix),
      ban.sinceEpochMs,
      ban.untilEpochMs ?? null,
      ban.evidence,
      ban.origin,
      ban.reason,
      ban.ruleId ?? null,
      ban.campaignId ?? null,
      ban.configRevision,
      ban.means.join(","),
      (ban.score === undefined ? undefined : encodeScore(ban.score)) ?? null,
    );
  }

  /** @returns whether one was in force. */
  end(prefix: Prefix, end: BanEnd, atEpochMs: number): boolean {
    return Number(this.#end.run(end, atEpochMs, prefix).changes) > 0;
  }

  /** @returns how many were in force. */
  endAll(end: BanEnd, atEpochMs: number): number {
    return Number(this.#endAll.run(end, atEpochMs).changes);
  }

  /** Ends what has run out by `atEpochMs`, at the time when it did. @returns how many. */
  expire(atEpochMs: number): number {
    return Number(this.#expire.run(atEpochMs).changes);
  }

  /** Has those in force begin and end by `byMs` later. */
  move(byMs: number): void {
    this.#move.run(byMs);
  }

  /** Has those in force that begin later begin at `epochMs`, for as long as before. */
  beginBy(epochMs: number): void {
    this.#beginBy.run(epochMs);
  }

  /** Whether {@link expire} would end one. */
  isAnyDue(atEpochMs: number): boolean {
    return this.#due.get(atEpochMs) !== undefined;
  }

  /** Whether {@link deleteEndedBefore} would delete one. */
  hasEndedBefore(epochMs: number): boolean {
    return this.#endedBefore.get(epochMs) !== undefined;
  }

  /** Deletes what ended before `epochMs`, the oldest, `limit` at most. @returns how many. */
  deleteEndedBefore(epochMs: number, limit: number): number {
    return Number(this.#deleteEnded.run(epochMs, limit).changes);
  }

  find(prefix: Prefix): Ban | undefined {
    const row = this.#find.get(prefix) as unknown as BanRow | undefined;
    return row === undefined ? undefined : banOf(row)[0];
  }

  /**
   * @returns where the last ban of `prefix` stands, in force or ended, so that a list which is
   * being read goes on behind a ban that ends meanwhile; undefined when there never was one.
   */
  placeOf(prefix: Prefix): BanPlace | undefined {
    const row = this.#place.get(prefix) as PlaceRow | undefined;
    return row && { sinceEpochMs: row.since_epoch_ms, id: row.id };
  }

  /** Bans in force that are older than `place` (undefined: all), the newest first. */
  before(place: BanPlace | undefined, limit: number): Ban[] {
    const { sinceEpochMs, id } = place ?? NEWEST;
    return (this.#newerFirst.all(sinceEpochMs, id, limit) as unknown as BanRow[]).flatMap(banOf);
  }

  /** Every ban in force, the oldest first, without its score. No read stays open in between. */
  *batches(batchSize: number): Generator<Ban[], undefined> {
    let place = OLDEST;
    for (;;) {
      const rows = this.#olderFirst.all(place.sinceEpochMs, place.id, batchSize);
      const bans = rows as unknown as BanRow[];
      const last = bans.at(-1);
      if (last === undefined) return;
      const [id, , sinceEpochMs] = last;
      place = { sinceEpochMs, id };
      yield bans.flatMap(banOf);
    }
  }

  /**
   * Prefixes of bans in force among which are those inside `prefix`, and others besides; those
   * recorded last come first. No more than `limit` and one, which says that there are more.
   */
  inside(prefix: Prefix, limit: number): Prefix[] {
    const starts = JSON.stringify(textStartsInside(prefix));
    const isIpv6 = familyOfPrefix(prefix) === 6 ? 1 : 0;
    const rows = this.#inside.all(starts, isIpv6, limit + 1) as unknown as InsideRow[];
    return rows
      .sort((a, b) => b.id - a.id)
      .flatMap(({ prefix: text }) => (parsePrefix(text) === text ? [text as Prefix] : []));
  }

  count(): number {
    return (this.#count.get() as unknown as CountRow).bans;
  }

  countSince(prefix: Prefix, sinceEpochMs: number, evidence: Evidence): number {
    const levels = JSON.stringify(evidenceFrom(evidence));
    return (this.#countSince.get(prefix, sinceEpochMs, levels) as unknown as CountRow).bans;
  }
}

/** @returns the ban; empty for a row that is none of ours. */
function banOf(row: BanRow): Ban[] {
  const [, prefix, sinceEpochMs, untilEpochMs, evidence, origin] = row;
  if (parsePrefix(prefix) !== prefix || !EVIDENCE.includes(evidence)) return [];
  if (!ORIGINS.includes(origin) || !isTime(sinceEpochMs) || !isTime(untilEpochMs ?? 0)) return [];
  const score = typeof row[11] === "string" ? decodeScore(row[11]) : undefined;
  const means: readonly string[] = row[10].split(",");
  const ban: Ban = {
    prefix: prefix as Prefix,
    sinceEpochMs,
    untilEpochMs: untilEpochMs ?? undefined,
    evidence: evidence as Ban["evidence"],
    ...(score === undefined ? {} : { score }),
    origin: origin as Ban["origin"],
    reason: row[6],
    ruleId: row[7] ?? undefined,
    campaignId: row[8] ?? undefined,
    configRevision: row[9],
    means: BAN_MEANS.filter((each) => means.includes(each)),
  };
  return [ban];
}

function isTime(epochMs: number): boolean {
  return Math.abs(epochMs) <= LAST_EPOCH_MS;
}
