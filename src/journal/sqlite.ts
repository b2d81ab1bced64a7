/**
 * What is needed of node:sqlite: opening the way a journal wants it, and transactions.
 *
 * Root opens a file here that a guard has made which is taken to be taken over. It is opened as
 * https://sqlite.org/security.html asks of a file that is not trusted: no extension is loaded,
 * nothing in the schema may call a function that does more than compute, what can write the file's
 * own structures is off, and nothing is mapped into memory. What is left is a fault of SQLite
 * itself in reading a file.
 *
 * The write-ahead log lets readers and one writer work side by side (https://sqlite.org/wal.html).
 * With `synchronous=NORMAL` a commit survives the end of this process in any form; a power failure
 * can lose the last ones and never damages the file.
 */
import { DatabaseSync } from "node:sqlite";

/** How long (ms) to wait for another writer. Short: the guard does nothing else meanwhile. */
const BUSY_TIMEOUT_MS = 1000;

/** Size (bytes) to which the write-ahead log is cut back after it has grown. */
const WAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

/** SQLite's primary result codes (https://sqlite.org/rescode.html). */
const RESULT = {
  perm: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  protocol: 15,
  tooBig: 18,
  notADatabase: 26,
} as const;

const DAMAGE = new Set<number>([RESULT.corrupt, RESULT.notADatabase, RESULT.tooBig]);

const UNAVAILABLE = new Set<number>([
  RESULT.perm,
  RESULT.busy,
  RESULT.locked,
  RESULT.readOnly,
  RESULT.ioError,
  RESULT.full,
  RESULT.cantOpen,
  RESULT.protocol,
]);

/**
 * What a failure is about. `damaged`: the file is no database, or a broken one. `unavailable`: the
 * disk is full, the place cannot be written, or somebody else holds the file.
 */
export type SqliteTrouble = "damaged" | "unavailable";

/** Larger than any row of ours (bytes); a forged one of a gigabyte is not read into memory. */
const MAX_VALUE_BYTES = 1024 * 1024;

const OPTIONS = {
  timeout: BUSY_TIMEOUT_MS,
  allowExtension: false,
  defensive: true,
  enableDoubleQuotedStringLiterals: false,
  limits: { attach: 0, triggerDepth: 0, length: MAX_VALUE_BYTES },
} as const;

const DISTRUST = `
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
  PRAGMA mmap_size = 0;
`;

/** As {@link openDatabase}, for reading alone. @param location a path or a file URL. */
export function openForReading(location: string | URL): DatabaseSync {
  const database = new DatabaseSync(location, { ...OPTIONS, readOnly: true });
  database.exec(DISTRUST);
  return database;
}

/**
 * Opens for reading and writing; creates the file, not its directory. SQLite gives the files beside
 * it (-wal, -shm) the owner of the file, so root may open a journal of the guard's.
 * Throws SQLite's error: {@link troubleOf} tells it from a bug.
 */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, OPTIONS);
  try {
    database.exec(
      `${DISTRUST}
       PRAGMA journal_mode = WAL;
       PRAGMA synchronous = NORMAL;
       PRAGMA foreign_keys = ON;
       PRAGMA journal_size_limit = ${WAL_SIZE_LIMIT_BYTES};`,
    );
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/**
 * Looks through the whole file for damage: some tenths of a second for a million bans.
 * Throws what {@link troubleOf} calls damaged.
 */
export function checkIntegrity(database: DatabaseSync): void {
  const found = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  if (found === "ok") return;
  throw damageOf(String(found).replaceAll("\n", " "));
}

/** An error that {@link troubleOf} calls damaged. */
export function damageOf(what: string): Error {
  return Object.assign(new Error(what), { errcode: RESULT.corrupt });
}

/** Runs `act` in one transaction that may write: all of it is kept, or nothing. */
export function inTransaction<Value>(database: DatabaseSync, act: () => Value): Value {
  database.exec("BEGIN IMMEDIATE");
  try {
    const value = act();
    database.exec("COMMIT");
    return value;
  } catch (error) {
    // After some failures, a full disk among them, SQLite has rolled back by itself.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** @returns whether SQLite itself has thrown it. */
export function isSqliteError(error: unknown): boolean {
  return error instanceof Error && "errcode" in error;
}

/** @returns undefined when `error` does not come from the state of the file: then it is a bug. */
export function troubleOf(error: unknown): SqliteTrouble | undefined {
  // A number in the file is larger than any that we write.
  if (error instanceof RangeError && "code" in error && error.code === "ERR_OUT_OF_RANGE") {
    return "damaged";
  }
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  // The upper bits say more closely what the lower eight say.
  const resultCode = Number(error.errcode) & 0xff;
  if (DAMAGE.has(resultCode)) return "damaged";
  return UNAVAILABLE.has(resultCode) ? "unavailable" : undefined;
}
