/**
 * Brings a journal to the version that this program knows. Forward only.
 *
 * The version is SQLite's `user_version`. All steps are one transaction: after a crash the file has
 * the version from before or the one from after.
 */
import type { DatabaseSync } from "node:sqlite";
import { OperationalError } from "../errors.ts";
import { SCHEMA_VERSIONS } from "./schema.ts";
import { inTransaction } from "./sqlite.ts";

/**
 * Always writes, or asks for the right to: a file that can only be read is found out here.
 * @param path for the message. @param versions as {@link SCHEMA_VERSIONS}.
 * @throws {OperationalError} ERR_JOURNAL when a newer program made the file.
 */
export function migrate(
  database: DatabaseSync,
  path: string,
  versions: readonly string[] = SCHEMA_VERSIONS,
): void {
  inTransaction(database, () => {
    const found = versionOf(database);
    if (found > versions.length) {
      throw new OperationalError(
        "ERR_JOURNAL",
        `${path}: made by a newer Vedette (journal version ${found}, this one knows ` +
          `${versions.length}): run that version, or move the file away to begin a new journal`,
      );
    }
    for (const version of versions.slice(found)) database.exec(version);
    // Cannot be a bound parameter; it is a number of ours.
    database.exec(`PRAGMA user_version = ${versions.length}`);
  });
}

/** @returns the version of the file: 0 when it is empty. */
export function versionOf(database: DatabaseSync): number {
  const row = database.prepare("PRAGMA user_version").get();
  return (row as unknown as { readonly user_version: number }).user_version;
}
