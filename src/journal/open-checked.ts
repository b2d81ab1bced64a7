/** How a file of the journal is opened for writing: nothing of it is believed before it is checked. */
import type { DatabaseSync } from "node:sqlite";
import { checkSchema, migrate } from "./migrations.ts";
import { checkIntegrity, openDatabase } from "./sqlite.ts";

/**
 * Opens it, compares its tables, and brings them to the version that this program knows; creates
 * what is not there. Throws SQLite's error: {@link troubleOf} tells it from a bug.
 * @param versions as {@link migrate} takes them.
 * @param extent "whole": every page is looked at, too.
 * @throws {OperationalError} ERR_JOURNAL when a newer program made the file.
 */
export function openChecked(
  path: string,
  versions: readonly string[],
  extent: "whole" | "tables",
): DatabaseSync {
  const database = openDatabase(path);
  try {
    checkSchema(database, path, versions);
    if (extent === "whole") checkIntegrity(database);
    migrate(database, path, versions);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What is wrong with a file, for people. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
