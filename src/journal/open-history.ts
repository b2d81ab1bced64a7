/**
 * Opens the history, whatever state its file is in: a guard without it still guards and bans.
 *
 * As for the journal of bans, a damaged file is set aside and a new one begun, memory stands in where
 * none can be written, and only a file of a newer program stops the start. Nothing is saved from a
 * damaged one: what is in force is not in it.
 */
import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { isSystemError } from "../errors.ts";
import { GuardedDatabase } from "./guarded-database.ts";
import { HISTORY_VERSIONS } from "./history-schema.ts";
import { checkSchema } from "./migrations.ts";
import { openChecked, reasonOf } from "./open-checked.ts";
import { setAside } from "./set-aside.ts";
import { openForReading, troubleOf } from "./sqlite.ts";
import { SqliteStories } from "./sqlite-stories.ts";
import type { Stories } from "./stories.ts";

/** What JOURNAL_SIZE allows a disk is far too much for a process: some 30,000 campaigns stay. */
const MOST_BYTES_IN_MEMORY = 16 * 1024 * 1024;

export interface OpenHistoryOptions {
  /** The database's file; its directory exists. */
  readonly path: string;
  readonly clock: Clock;
}

export interface OpenedHistory {
  readonly stories: Stories;
  /** Why it is not the file that was asked for; left out when it is. */
  readonly trouble?: "set-aside" | "stand-in" | "unreadable" | "absent";
  /** What is wrong, for people. */
  readonly note?: string;
}

/**
 * For a guard. Looks through the whole file: some tenths of a second for each 100 MiB.
 * @throws {OperationalError} ERR_JOURNAL when a newer program made the file.
 */
export function openHistory({ path, clock }: OpenHistoryOptions): OpenedHistory {
  try {
    return { stories: openFile(path, clock) };
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === undefined) throw error;
    return trouble === "damaged" ? beginAnew(path, clock, error) : standIn(path, clock, error);
  }
}

/** For commands that only look: nothing is written, set aside or begun, and not all is checked. */
export function readHistory({ path, clock }: OpenHistoryOptions): OpenedHistory {
  if (!existsSync(path)) return { stories: openInMemory(clock), trouble: "absent" };
  try {
    const database = openForReading(path);
    try {
      checkSchema(database, path, HISTORY_VERSIONS);
      return { stories: storiesIn(database, clock) };
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    if (troubleOf(error) === undefined) throw error;
    const note = `${path} cannot be read (${reasonOf(error)}): nothing of the past is known.`;
    return { stories: openInMemory(clock), trouble: "unreadable", note };
  }
}

/**
 * For commands that add to it without a guard: a file that is there and whole as far as its tables
 * tell. @returns undefined when there is none, or it cannot be written: that is the guard's to mend.
 * @throws {OperationalError} ERR_JOURNAL when a newer program made the file.
 */
export function openHistoryToAdd({ path, clock }: OpenHistoryOptions): Stories | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return storiesIn(openChecked(path, HISTORY_VERSIONS, "tables"), clock);
  } catch (error) {
    if (troubleOf(error) === undefined) throw error;
    return undefined;
  }
}

function openFile(path: string, clock: Clock): Stories {
  return storiesIn(openChecked(path, HISTORY_VERSIONS, "whole"), clock);
}

function beginAnew(path: string, clock: Clock, damage: unknown): OpenedHistory {
  try {
    const aside = setAside(path, clock.epochMs());
    const note =
      `${path} is damaged (${reasonOf(damage)}): it was set aside as ${aside} and a new one was ` +
      "begun. Bans are not concerned.";
    return { stories: openFile(path, clock), trouble: "set-aside", note };
  } catch (error) {
    if (troubleOf(error) === undefined && !isSystemError(error)) throw error;
    return standIn(path, clock, error);
  }
}

function standIn(path: string, clock: Clock, error: unknown): OpenedHistory {
  const note = `${path} cannot be written (${reasonOf(error)}): the past is remembered until this process ends.`;
  return { stories: openInMemory(clock), trouble: "stand-in", note };
}

/** Ends with the process, and never has more of its memory than {@link MOST_BYTES_IN_MEMORY}. */
function openInMemory(clock: Clock): Stories {
  const database = openChecked(":memory:", HISTORY_VERSIONS, "tables");
  return storiesIn(database, clock, MOST_BYTES_IN_MEMORY);
}

function storiesIn(database: DatabaseSync, clock: Clock, mostBytes?: number): Stories {
  return new SqliteStories(new GuardedDatabase(database, clock), mostBytes);
}
