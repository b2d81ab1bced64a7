/**
 * Sets damaged journals aside under a name from which it is read back when that was.
 *
 * The file itself is the record: whoever has set it aside, a guard or a command, the next guard
 * finds it and tells of it.
 */
import { readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isSystemError } from "../errors.ts";

/** Wall time to the millisecond, as {@link asidePathOf} writes it. */
const STAMP = /^\.corrupt-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/;

/** A damaged journal, out of the way. */
export interface SetAside {
  readonly path: string;
  readonly atEpochMs: number;
}

/** SQLite's own files beside the database. */
const SUFFIXES = ["", "-wal", "-shm"];

/**
 * Moves the journal out of the way, with SQLite's files beside it, as found damaged at that time.
 * @param path of the journal. @returns where it is. Throws a system error when it cannot be moved.
 */
export function setAside(path: string, nowEpochMs: number): string {
  const aside = asidePathOf(path, nowEpochMs);
  for (const suffix of SUFFIXES) renameIfPresent(path + suffix, aside + suffix);
  return aside;
}

function asidePathOf(path: string, nowEpochMs: number): string {
  return `${path}.corrupt-${new Date(nowEpochMs).toISOString().replaceAll(/[-:.]/g, "")}`;
}

/**
 * @param path of the journal. @returns the one that was set aside last; undefined when there is
 * none, or its directory cannot be read.
 */
export function findLastSetAside(path: string): SetAside | undefined {
  const directory = dirname(path);
  return namesIn(directory)
    .filter((name) => name.startsWith(basename(path)))
    .flatMap((name) => {
      const atEpochMs = parseStamp(name.slice(basename(path).length));
      return atEpochMs === undefined ? [] : [{ path: join(directory, name), atEpochMs }];
    })
    .reduce<SetAside | undefined>(
      (last, each) => (last === undefined || each.atEpochMs > last.atEpochMs ? each : last),
      undefined,
    );
}

function renameIfPresent(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isSystemError(error) || error.code !== "ENOENT") throw error;
  }
}

function parseStamp(suffix: string): number | undefined {
  const match = STAMP.exec(suffix);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, ms] = match;
  const epochMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    // Without its directory there is no journal, and whoever opens it tells so.
    if (!isSystemError(error)) throw error;
    return [];
  }
}
