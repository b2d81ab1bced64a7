/**
 * Brings a journal to the version that this program knows. Forward only.
 *
 * The version is SQLite's `user_version`. All steps are one transaction: after a crash the file has
 * the version from before or the one from after.
 */
import { DatabaseSync } from "node:sqlite";
import { OperationalError } from "../errors.ts";
import { SCHEMA_VERSIONS } from "./schema.ts";
import { damageOf, inTransaction } from "./sqlite.ts";

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
    const found = knownVersionOf(database, path, versions);
    for (const version of versions.slice(found)) database.exec(version);
    // Cannot be a bound parameter; it is a number of ours.
    database.exec(`PRAGMA user_version = ${versions.length}`);
  });
}

/**
 * Compares tables, indexes and all else that the file's schema has with what the steps up to its
 * version make. Nothing else of the file is asked before: a view, a trigger or an expression that
 * somebody has put there would be evaluated.
 *
 * Throws what troubleOf calls damaged when the schema is none of ours. @param versions as
 * {@link SCHEMA_VERSIONS}.
 * @throws {OperationalError} ERR_JOURNAL when a newer program made the file.
 */
export function checkSchema(
  database: DatabaseSync,
  path: string,
  versions: readonly string[] = SCHEMA_VERSIONS,
): void {
  // Both questions of one moment: another process may be at the migration.
  database.exec("BEGIN");
  const found = knownVersionOf(database, path, versions);
  const schema = schemaOf(database);
  database.exec("COMMIT");
  using model = new DatabaseSync(":memory:");
  for (const version of versions.slice(0, found)) model.exec(version);
  if (schema !== schemaOf(model)) throw damageOf("its tables are not those of a journal");
}

/** Everything in the schema, as it was written. */
function schemaOf(database: DatabaseSync): string {
  const items = database
    .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
    .all();
  return JSON.stringify(items);
}

function knownVersionOf(database: DatabaseSync, path: string, versions: readonly string[]): number {
  const found = versionOf(database);
  if (found <= versions.length) return found;
  throw new OperationalError(
    "ERR_JOURNAL",
    `${path}: made by a newer Vedette (journal version ${found}, this one knows ` +
      `${versions.length}): run that version, or move the file away to begin a new journal`,
  );
}

/** @returns the version of the file: 0 when it is empty. */
export function versionOf(database: DatabaseSync): number {
  const row = database.prepare("PRAGMA user_version").get();
  return (row as unknown as { readonly user_version: number }).user_version;
}
