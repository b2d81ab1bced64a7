/**
 * Every question and change of the table `hour`: what was counted in each hour of the wall clock.
 *
 * One row an hour, so that nobody who sends can make it grow. A file that is only read may be older
 * than the table: then nothing was counted. Errors of SQLite pass through.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { HOUR_MS, type HourCounts } from "../model/hour-counts.ts";
import { versionOf } from "./migrations.ts";
import type { HoursQuery } from "./stories.ts";

/** The version of the file that first had the table. */
const FIRST_VERSION = 3;

interface Statements {
  readonly add: StatementSync;
  readonly list: StatementSync;
  readonly hasOlder: StatementSync;
  readonly deleteOlder: StatementSync;
}

interface HourRow {
  readonly hour_epoch_ms: number;
  readonly probes: number;
  readonly verdicts: number;
  readonly bans: number;
}

export class HourStatements {
  /** undefined: the file has no such table. */
  readonly #statements: Statements | undefined;

  constructor(database: DatabaseSync) {
    if (versionOf(database) < FIRST_VERSION) return;
    this.#statements = {
      add: database.prepare(
        `INSERT INTO hour (hour_epoch_ms, probes, verdicts, bans) VALUES (?, ?, ?, ?)
         ON CONFLICT (hour_epoch_ms) DO UPDATE SET probes = probes + excluded.probes,
           verdicts = verdicts + excluded.verdicts, bans = bans + excluded.bans`,
      ),
      list: database.prepare(
        `SELECT hour_epoch_ms, probes, verdicts, bans FROM hour WHERE hour_epoch_ms > ?
         ORDER BY hour_epoch_ms DESC LIMIT ?`,
      ),
      hasOlder: database.prepare("SELECT 1 FROM hour WHERE hour_epoch_ms <= ? LIMIT 1"),
      deleteOlder: database.prepare("DELETE FROM hour WHERE hour_epoch_ms <= ?"),
    };
  }

  /** Adds to what the hour has. */
  add({ hourEpochMs, probes, verdicts, bans }: HourCounts): void {
    this.#statements?.add.run(hourEpochMs, probes, verdicts, bans);
  }

  list({ limit, sinceEpochMs }: HoursQuery): HourCounts[] {
    // The hour that holds the moment is a part of what is asked for.
    const before = (sinceEpochMs ?? 0) - HOUR_MS;
    const rows = this.#statements?.list.all(before, limit) ?? [];
    return (rows as unknown as HourRow[])
      .map(({ hour_epoch_ms: hourEpochMs, ...counts }) => ({ hourEpochMs, ...counts }))
      .reverse();
  }

  /** Whether any hour was over at this moment. */
  hasOlder(epochMs: number): boolean {
    return this.#statements?.hasOlder.get(epochMs - HOUR_MS) !== undefined;
  }

  /** @returns how many hours that were over at this moment are forgotten. */
  deleteOlder(epochMs: number): number {
    return Number(this.#statements?.deleteOlder.run(epochMs - HOUR_MS).changes ?? 0);
  }
}
