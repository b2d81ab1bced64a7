/**
 * How much of what happened is kept: by age and by size (JOURNAL_AGE, JOURNAL_SIZE).
 *
 * Whoever sends forged probes has campaigns written, so that without an end of memory he fills the
 * disk, and with a bare one he drives out what is worth keeping. So beyond the size campaigns that
 * were no scan go first. Then the oldest goes, scans and events alike, so that what is left is all of
 * one span of time. What a person has asked for goes last: no forged probe drives it out. A campaign
 * that goes on may be forgotten for its size; its next change is written as ever. Deleted pages are
 * used again: the file stays at the size that it once had.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { IS_LASTING } from "./history-schema.ts";
import type { StoryBounds } from "./stories.ts";

/** Rows deleted between two looks at the size. */
const DELETED_AT_ONCE = 500;

/**
 * Such deletions in one turn, once a second: some tens of milliseconds, and more rows than are
 * written in that time (src/daemon/story-recorder.ts).
 */
const DELETIONS_A_TURN = 8;

export class StoryRetention {
  /** Whether any row is older than a moment. */
  readonly #looks: readonly StatementSync[];
  readonly #old: readonly StatementSync[];
  readonly #minor: StatementSync;
  /** When the oldest {@link DELETED_AT_ONCE} of scans and events together end. */
  readonly #oldestSpan: StatementSync;
  readonly #untilThen: readonly StatementSync[];
  readonly #lasting: StatementSync;
  readonly #pages: StatementSync;
  readonly #freePages: StatementSync;
  readonly #pageSize: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (text: string) => {
      const statement = database.prepare(text);
      // Not each of them asks for each moment.
      statement.setAllowUnknownNamedParameters(true);
      return statement;
    };
    const oldest = (table: string, condition: string, order: string) =>
      prepare(
        `DELETE FROM ${table} WHERE id IN
           (SELECT id FROM ${table} WHERE ${condition} ORDER BY ${order} LIMIT ${DELETED_AT_ONCE})`,
      );
    // The end of a campaign may have been left out in a flood; quiet for long enough, it is over.
    const isOver = "(is_over = 1 OR last_epoch_ms < $over)";
    this.#looks = [
      prepare(`SELECT 1 FROM campaign WHERE last_epoch_ms < $oldest AND ${isOver} LIMIT 1`),
      prepare("SELECT 1 FROM event WHERE at_epoch_ms < $oldest LIMIT 1"),
    ];
    this.#old = [
      oldest("campaign", `last_epoch_ms < $oldest AND ${isOver}`, "last_epoch_ms, id"),
      oldest("event", "at_epoch_ms < $oldest", "at_epoch_ms"),
    ];
    this.#minor = oldest("campaign", `verdict <> 'scan' AND ${isOver}`, "last_epoch_ms");
    const passing = `${IS_LASTING} = 0`;
    const times = (table: string, column: string, condition: string) =>
      `SELECT * FROM (SELECT ${column} AS at FROM ${table} WHERE ${condition}
         ORDER BY ${column} LIMIT ${DELETED_AT_ONCE})`;
    this.#oldestSpan = prepare(
      `SELECT max(at) AS at FROM (
         ${times("event", "at_epoch_ms", passing)} UNION ALL
         ${times("campaign", "last_epoch_ms", "1")} ORDER BY at LIMIT ${DELETED_AT_ONCE})`,
    );
    this.#untilThen = [
      oldest("event", `${passing} AND at_epoch_ms <= $then`, "at_epoch_ms, id"),
      oldest("campaign", "last_epoch_ms <= $then", "last_epoch_ms, id"),
    ];
    this.#lasting = oldest("event", `${IS_LASTING} = 1`, "at_epoch_ms, id");
    this.#pages = database.prepare("PRAGMA page_count");
    this.#freePages = database.prepare("PRAGMA freelist_count");
    this.#pageSize = database.prepare("PRAGMA page_size");
  }

  /** Whether {@link forget} would do anything: costs a look and no write. */
  isDue(bounds: StoryBounds): boolean {
    if (this.#usedBytes() > bounds.mostBytes) return true;
    return this.#looks.some((statement) => statement.get(momentsOf(bounds)) !== undefined);
  }

  /** Needs a transaction. @returns how many rows. */
  forget(bounds: StoryBounds): number {
    const moments = momentsOf(bounds);
    let rows = 0;
    for (let turn = 0; turn < DELETIONS_A_TURN; turn += 1) {
      const deleted = this.#deleteOld(moments) + this.#deleteBeyond(moments, bounds.mostBytes);
      if (deleted === 0) break;
      rows += deleted;
    }
    return rows;
  }

  #deleteOld(moments: ReturnType<typeof momentsOf>): number {
    return this.#old.reduce((rows, each) => rows + changesOf(each, moments), 0);
  }

  /** What is worth least goes first. */
  #deleteBeyond(moments: ReturnType<typeof momentsOf>, mostBytes: number): number {
    if (this.#usedBytes() <= mostBytes) return 0;
    return changesOf(this.#minor, moments) || this.#deleteOldestSpan() || changesOf(this.#lasting);
  }

  #deleteOldestSpan(): number {
    const then = this.#oldestSpan.get()?.["at"];
    if (typeof then !== "number") return 0;
    return this.#untilThen.reduce((rows, each) => rows + changesOf(each, { then }), 0);
  }

  /** What is in the file, without pages that are free to be used again. */
  #usedBytes(): number {
    const pages = numberOf(this.#pages) - numberOf(this.#freePages);
    return pages * numberOf(this.#pageSize);
  }
}

function changesOf(statement: StatementSync, moments: Record<string, number> = {}): number {
  return Number(statement.run(moments).changes);
}

function momentsOf({ oldestEpochMs: oldest, quietSinceEpochMs: over }: StoryBounds) {
  return { oldest, over };
}

function numberOf(pragma: StatementSync): number {
  return Object.values(pragma.get() ?? {})[0] as number;
}
