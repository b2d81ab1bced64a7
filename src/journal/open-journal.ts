/**
 * Opens the journal, whatever state its file is in: a guard without its journal still guards.
 *
 * A damaged file is set aside and a new one begun. Where no file can be written, memory stands in
 * for it, with what can still be read of the bans in force. A file with other tables than ours is
 * damaged, too: its schema is compared before anything in it is evaluated, because root opens what
 * a guard has made that may be taken over. Only a file of a newer program stops the start, because
 * going on would mean to ignore it or to break it.
 */

import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Clock } from "../clock.ts";
import { counted } from "../counted.ts";
import { isSystemError } from "../errors.ts";
import type { Ban } from "../model/ban.ts";
import { BanStatements } from "./ban-statements.ts";
import { GuardedDatabase } from "./guarded-database.ts";
import type { Journal } from "./journal.ts";
import { MemoryJournal } from "./memory-journal.ts";
import { checkSchema } from "./migrations.ts";
import { openChecked, reasonOf } from "./open-checked.ts";
import { SCHEMA_VERSIONS } from "./schema.ts";
import { setAside } from "./set-aside.ts";
import { isSqliteError, openForReading, troubleOf } from "./sqlite.ts";
import { SqliteJournal } from "./sqlite-journal.ts";

export interface OpenJournalOptions {
  /** The database's file; its directory exists. Who may read it is the directory's to say. */
  readonly path: string;
  readonly clock: Clock;
  /**
   * What becomes of a file that is damaged, or not there. "begin-anew": it is set aside, and a new
   * one begun. "leave": it stays as it is, and what can be read of it is held in memory: for
   * commands that only look. Default "begin-anew".
   */
  readonly otherwise?: "begin-anew" | "leave";
}

/**
 * Why it is not the file that was asked for: a new one is in its place, it was left as it is, there
 * is none and none was begun, or memory stands in for one that cannot be written.
 */
type JournalTrouble = "set-aside" | "left-damaged" | "left-absent" | "stand-in";

export interface OpenedJournal {
  readonly journal: Journal;
  /** Left out when the file is as it should be. */
  readonly trouble?: JournalTrouble;
  /**
   * What is wrong, for people; left out when nothing is. What it means when memory stands in is the
   * caller's to say: a guard remembers for long, a command does not.
   */
  readonly note?: string;
}

const MAX_READ_BANS = 100_000;

const READ_BATCH_BANS = 1000;

/** @throws {OperationalError} ERR_JOURNAL when a newer program made the file. */
export function openJournal({ path, clock, otherwise }: OpenJournalOptions): OpenedJournal {
  const leaves = otherwise === "leave";
  if (leaves && !existsSync(path)) {
    return { journal: new MemoryJournal(), trouble: "left-absent" };
  }
  try {
    return { journal: openFile(path, clock) };
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === undefined) throw error;
    if (trouble === "unavailable") return standIn(path, error);
    return leaves ? leave(path, error) : beginAnew(path, clock, error);
  }
}

function openFile(path: string, clock: Clock): Journal {
  const database = openChecked(path, SCHEMA_VERSIONS, "whole");
  return new SqliteJournal(new GuardedDatabase(database, clock));
}

function beginAnew(path: string, clock: Clock, damage: unknown): OpenedJournal {
  try {
    const aside = setAside(path, clock.epochMs());
    const journal = openFile(path, clock);
    const inForce = readActiveBans(aside);
    journal.recordBans(inForce);
    const note =
      `${path} is damaged (${reasonOf(damage)}): it was set aside as ${aside} and a new one was ` +
      `begun, with ${counted(inForce.length, "ban")} that could be read. Bans in the kernel stay in force.`;
    return { journal, trouble: "set-aside", note };
  } catch (error) {
    if (troubleOf(error) === undefined && !isSystemError(error)) throw error;
    return standIn(path, error);
  }
}

function leave(path: string, damage: unknown): OpenedJournal {
  const inForce = readActiveBans(path);
  const note =
    `${path} is damaged (${reasonOf(damage)}); it is left as it is, and the guard sets it aside ` +
    `when it starts. Of its bans ${inForce.length} could be read; those in the kernel stay in force.`;
  return { journal: new MemoryJournal({ inForce }), trouble: "left-damaged", note };
}

function standIn(path: string, error: unknown): OpenedJournal {
  const inForce = readActiveBans(path);
  const note =
    `${path} cannot be written (${reasonOf(error)}); of its bans ` +
    `${inForce.length} could be read.`;
  return { journal: new MemoryJournal({ inForce, isStandIn: true }), trouble: "stand-in", note };
}

/**
 * @returns bans in force as far as the file can be read, the oldest first. On a medium that is
 * mounted read-only SQLite cannot share the file; `immutable` reads it as it lies, without the
 * write-ahead log (https://sqlite.org/uri.html).
 */
function readActiveBans(path: string): Ban[] {
  const immutable = pathToFileURL(path);
  immutable.searchParams.set("immutable", "1");
  for (const location of [path, immutable]) {
    try {
      using database = openForReading(location);
      checkSchema(database, path);
      const bans: Ban[] = [];
      for (const batch of new BanStatements(database).batches(READ_BATCH_BANS)) {
        bans.push(...batch);
        if (bans.length >= MAX_READ_BANS) break;
      }
      return bans;
    } catch (error) {
      // What SQLite finds wrong with it was told already; the next way may work.
      if (!isSqliteError(error) && troubleOf(error) === undefined) throw error;
    }
  }
  return [];
}
