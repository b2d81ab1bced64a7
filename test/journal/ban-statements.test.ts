import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { BanStatements } from "../../src/journal/ban-statements.ts";
import { SCHEMA_VERSIONS } from "../../src/journal/schema.ts";

/** How SQLite will find the rows of each statement that gives a page of bans in force. */
function plansOfPages(): string[] {
  const database = new DatabaseSync(":memory:");
  for (const version of SCHEMA_VERSIONS) database.exec(version);
  const pages: string[] = [];
  const spy = {
    prepare: (text: string) => {
      if (/^SELECT id, prefix.* LIMIT /s.test(text)) pages.push(text);
      return database.prepare(text);
    },
  } as DatabaseSync;
  new BanStatements(spy);
  return pages.map((text) => {
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all();
    return steps.map(({ detail }) => `${detail}`).join("\n");
  });
}

describe("BanStatements", () => {
  it("goes on behind one of many bans of a moment without reading those before it", () => {
    const plans = plansOfPages();

    expect(plans).toHaveLength(2);
    for (const plan of plans) {
      expect(plan).toMatch(/ban_in_force_by_since \(since_epoch_ms=\? AND rowid[<>]\?\)/);
      expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
    }
  });
});
