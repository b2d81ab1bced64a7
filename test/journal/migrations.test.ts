import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationalError } from "../../src/errors.ts";
import { migrate, versionOf } from "../../src/journal/migrations.ts";
import { SCHEMA_VERSIONS } from "../../src/journal/schema.ts";

const ONE = "CREATE TABLE one (n INTEGER)";
const TWO = "CREATE TABLE two (n INTEGER); INSERT INTO two SELECT n + 1 FROM one";
const BROKEN = "CREATE TABLE three (n INTEGER); INSERT INTO nowhere VALUES (1)";

describe("migrate", () => {
  let database: DatabaseSync;
  beforeEach(() => {
    database = new DatabaseSync(":memory:");
  });
  afterEach(() => database.close());

  const tables = () =>
    database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().length;

  it("brings an empty file to the version of this program", () => {
    expect(versionOf(database)).toBe(0);
    migrate(database, "journal.sqlite");
    expect(versionOf(database)).toBe(SCHEMA_VERSIONS.length);
  });

  it("runs only the steps that are missing, and keeps what is there", () => {
    migrate(database, "journal.sqlite", [ONE]);
    database.exec("INSERT INTO one VALUES (41)");
    migrate(database, "journal.sqlite", [ONE, TWO]);
    migrate(database, "journal.sqlite", [ONE, TWO]);
    expect(versionOf(database)).toBe(2);
    expect(database.prepare("SELECT n FROM two").all()).toEqual([{ n: 42 }]);
  });

  it("makes all steps or none", () => {
    migrate(database, "journal.sqlite", [ONE]);
    expect(() => migrate(database, "journal.sqlite", [ONE, TWO, BROKEN])).toThrow("nowhere");
    expect(versionOf(database)).toBe(1);
    expect(tables()).toBe(1);
  });

  it("refuses a file of a newer program and leaves it as it is", () => {
    migrate(database, "journal.sqlite", [ONE, TWO]);
    const refused = () => migrate(database, "journal.sqlite", [ONE]);
    expect(refused).toThrow(OperationalError);
    expect(refused).toThrow(
      expect.objectContaining({
        code: "ERR_JOURNAL",
        message: expect.stringMatching(/^journal\.sqlite: made by a newer Vedette .*version 2,/),
      }),
    );
    expect(versionOf(database)).toBe(2);
  });
});
