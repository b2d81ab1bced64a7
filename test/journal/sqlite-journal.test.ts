import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GuardedDatabase } from "../../src/journal/guarded-database.ts";
import { migrate } from "../../src/journal/migrations.ts";
import { openDatabase } from "../../src/journal/sqlite.ts";
import { SqliteJournal } from "../../src/journal/sqlite-journal.ts";
import { banOf, describeJournal, prefix } from "../conformance/journal.ts";

let directory: string;
let files = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-journal-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function newPath(): string {
  files += 1;
  return join(directory, `${files}.sqlite`);
}

let nowMs = 0;
const clock = { monotonicMs: () => nowMs, epochMs: () => nowMs };

function open(path: string): { database: DatabaseSync; journal: SqliteJournal } {
  const database = openDatabase(path);
  migrate(database, path);
  return { database, journal: new SqliteJournal(new GuardedDatabase(database, clock)) };
}

describeJournal("SqliteJournal", () => open(newPath()).journal);

describeJournal("SqliteJournal that cannot write", () => {
  const { database, journal } = open(newPath());
  database.exec("PRAGMA query_only = ON");
  // Its failures are the point of the tests below; the rest must work all the same.
  Object.defineProperty(journal, "failures", { value: 0 });
  return journal;
});

describe("SqliteJournal", () => {
  it("keeps every ban, and how each ended, for the next run", () => {
    const path = newPath();
    const first = open(path).journal;
    const standing = banOf("192.0.2.1", { untilEpochMs: undefined });
    first.recordBan(standing);
    first.recordBan(banOf("192.0.2.2"));
    first.recordBan(banOf("192.0.2.3"));
    first.recordBan(banOf("192.0.2.3", { sinceEpochMs: 1200, untilEpochMs: 1800 }));
    first.endBan(prefix("192.0.2.2"), "unbanned", 1500);
    first.expireBans(1900);
    first.close();

    const { database, journal } = open(path);
    expect(journal.activeBans(10, undefined)).toEqual([standing]);
    const rows = database.prepare("SELECT prefix, ended_by, ended_at_epoch_ms FROM ban").all();
    expect(rows.map((row) => Object.values(row))).toEqual([
      ["192.0.2.1/32", null, null],
      ["192.0.2.2/32", "unbanned", 1500],
      ["192.0.2.3/32", "replaced", 1200],
      ["192.0.2.3/32", "expired", 1800],
    ]);
    journal.close();
  });

  it("goes on listing behind a ban that ended meanwhile", () => {
    const { journal } = open(newPath());
    for (const host of [1, 2, 3])
      journal.recordBan(banOf(`192.0.2.${host}`, { sinceEpochMs: host }));
    journal.endBan(prefix("192.0.2.2"), "unbanned", 1500);
    expect(journal.activeBans(10, prefix("192.0.2.2")).map((ban) => ban.prefix)).toEqual([
      "192.0.2.1/32",
    ]);
    journal.close();
  });

  it("sees what another process writes beside it", () => {
    const path = newPath();
    const guard = open(path).journal;
    const command = open(path).journal;
    guard.recordBan(banOf("192.0.2.7"));
    expect(command.endBan(prefix("192.0.2.7"), "unbanned", 1500)).toBe(true);
    expect(guard.findActiveBan(prefix("192.0.2.7"))).toBeUndefined();
    guard.close();
    command.close();
  });

  it("deletes what ended before a moment, the oldest first and so many at once", () => {
    const { database, journal } = open(newPath());
    for (const host of [1, 2, 3, 4]) {
      journal.recordBan(banOf(`192.0.2.${host}`));
      journal.endBan(prefix(`192.0.2.${host}`), "unbanned", 1500 - host);
    }
    journal.recordBan(banOf("192.0.2.5"));
    const left = () =>
      database
        .prepare("SELECT prefix FROM ban ORDER BY id")
        .all()
        .map((row) => row["prefix"]);
    expect(journal.deleteEndedBefore(1499, 2)).toBe(2);
    expect(left()).toEqual(["192.0.2.1/32", "192.0.2.2/32", "192.0.2.5/32"]);
    expect(journal.deleteEndedBefore(1499, 2)).toBe(1);
    expect(journal.deleteEndedBefore(1499, 2)).toBe(0);
    expect(left()).toEqual(["192.0.2.1/32", "192.0.2.5/32"]);
    expect(journal.countBansSince(prefix("192.0.2.2"), 0, "claimed")).toBe(0);
    journal.close();
  });

  it.each([
    { what: "has run out", act: (journal: SqliteJournal) => journal.expireBans(1999) },
    { what: "is old", act: (journal: SqliteJournal) => journal.deleteEndedBefore(1500, 10) },
  ])("does not ask to write where nothing $what", ({ act }) => {
    const path = newPath();
    const { journal } = open(path);
    journal.recordBan(banOf("192.0.2.1"));
    journal.recordBan(banOf("192.0.2.2"));
    journal.endBan(prefix("192.0.2.2"), "unbanned", 1500);
    const other = openDatabase(path);
    other.exec("BEGIN IMMEDIATE");
    expect(act(journal)).toBe(0);
    expect(journal.failures).toBe(0);
    other.exec("ROLLBACK");
    other.close();
    journal.close();
  });

  it("passes over rows that it would not have written", () => {
    const { database, journal } = open(newPath());
    for (const host of [1, 2, 3, 4, 5]) {
      journal.recordBan(banOf(`192.0.2.${host}`, { sinceEpochMs: host }));
    }
    const forge = (what: string, host: number) =>
      database.exec(`UPDATE ban SET ${what} WHERE prefix = '192.0.2.${host}/32'`);
    forge("prefix = '192.0.2.1 }; flush ruleset'", 1);
    forge("evidence = 'certain'", 2);
    forge("origin = 'root'", 3);
    forge("until_epoch_ms = 8640000000000001", 4);
    expect(journal.activeBans(10, undefined).map((ban) => ban.prefix)).toEqual(["192.0.2.5/32"]);
    expect([...journal.eachActiveBan(2)].flat()).toHaveLength(1);
    expect(journal.findActiveBan(prefix("192.0.2.2"))).toBeUndefined();
    journal.close();
  });

  it("takes a number that is none of ours for damage, which stops nothing", () => {
    const { database, journal } = open(newPath());
    journal.recordBan(banOf("192.0.2.1"));
    database.exec("UPDATE ban SET until_epoch_ms = 9223372036854775807");
    expect(journal.activeBans(10, undefined)).toEqual([]);
    expect(journal.failures).toBe(1);
    expect(journal.endBan(prefix("192.0.2.1"), "unbanned", 1500)).toBe(true);
    journal.close();
  });

  it("does not hide a bug as a failed write", () => {
    const { journal } = open(newPath());
    journal.close();
    expect(() => journal.recordBan(banOf("192.0.2.7"))).toThrow();
    expect(journal.failures).toBe(0);
  });
});

describe("SqliteJournal, when it cannot write", () => {
  let path: string;
  let database: DatabaseSync;
  let journal: SqliteJournal;
  const setWritable = (isWritable: boolean) =>
    database.exec(`PRAGMA query_only = ${isWritable ? "OFF" : "ON"}`);
  const listed = () => journal.activeBans(100, undefined).map((ban) => ban.prefix);

  beforeEach(() => {
    nowMs = 0;
    path = newPath();
    ({ database, journal } = open(path));
    journal.recordBan(banOf("192.0.2.1", { sinceEpochMs: 1 }));
    journal.recordBan(banOf("192.0.2.2", { sinceEpochMs: 2 }));
    setWritable(false);
  });
  afterEach(() => journal.close());

  it("counts each write, and lists, finds and ends bans in this run", () => {
    journal.recordBan(banOf("192.0.2.3", { sinceEpochMs: 3 }));
    journal.recordBan(banOf("192.0.2.1", { sinceEpochMs: 4, reason: "again" }));
    expect(journal.failures).toBe(2);
    expect(listed()).toEqual(["192.0.2.1/32", "192.0.2.3/32", "192.0.2.2/32"]);
    expect(journal.countActiveBans()).toBe(3);
    expect(journal.findActiveBan(prefix("192.0.2.1"))?.reason).toBe("again");
    expect(journal.countBansSince(prefix("192.0.2.1"), 0, "claimed")).toBe(2);
    expect([...journal.eachActiveBan(2)].flat()).toHaveLength(3);

    expect(journal.endBan(prefix("192.0.2.2"), "unbanned", 5)).toBe(true);
    expect(journal.endBan(prefix("192.0.2.2"), "unbanned", 5)).toBe(false);
    expect(journal.endBan(prefix("192.0.2.3"), "unbanned", 5)).toBe(true);
    expect(listed()).toEqual(["192.0.2.1/32"]);
    expect(journal.countActiveBans()).toBe(1);
    expect(journal.endAllBans("removed", 6)).toBe(1);
    expect(listed()).toEqual([]);
  });

  it("moves bans with a clock that was set once it can be written again, and each once", () => {
    journal.recordBan(banOf("192.0.2.3", { sinceEpochMs: 3, untilEpochMs: 3000 }));
    journal.moveBans(5000);
    expect(journal.findActiveBan(prefix("192.0.2.3"))?.untilEpochMs).toBe(8000);
    setWritable(true);
    nowMs = 10_000;
    journal.moveBans(200);
    expect(journal.findActiveBan(prefix("192.0.2.1"))?.untilEpochMs).toBe(7200);
    expect(journal.findActiveBan(prefix("192.0.2.3"))?.untilEpochMs).toBe(8200);
  });

  it("pages through what is in the file and what is not as one list", () => {
    for (const host of [3, 4, 5]) {
      journal.recordBan(banOf(`192.0.2.${host}`, { sinceEpochMs: host }));
    }
    const pages: string[][] = [];
    let after: ReturnType<typeof prefix> | undefined;
    for (;;) {
      const page = journal.activeBans(2, after).map((ban) => ban.prefix);
      if (page.length === 0) break;
      pages.push(page);
      after = page.at(-1);
    }
    expect(pages).toEqual([
      ["192.0.2.5/32", "192.0.2.4/32"],
      ["192.0.2.3/32", "192.0.2.2/32"],
      ["192.0.2.1/32"],
    ]);
  });

  it.each([
    { afterMs: 9999, isWritten: false },
    { afterMs: 10_000, isWritten: true },
  ])("tries again after $afterMs ms: $isWritten", ({ afterMs, isWritten }) => {
    journal.recordBan(banOf("192.0.2.3", { sinceEpochMs: 3 }));
    journal.endBan(prefix("192.0.2.1"), "unbanned", 5);
    setWritable(true);
    nowMs = afterMs;
    journal.recordBan(banOf("192.0.2.4", { sinceEpochMs: 4 }));

    const other = open(path).journal;
    expect(other.activeBans(100, undefined).map((ban) => ban.prefix)).toEqual(
      isWritten
        ? ["192.0.2.4/32", "192.0.2.3/32", "192.0.2.2/32"]
        : ["192.0.2.2/32", "192.0.2.1/32"],
    );
    other.close();
    expect(listed()).toEqual(["192.0.2.4/32", "192.0.2.3/32", "192.0.2.2/32"]);
    expect(journal.failures).toBe(isWritten ? 2 : 3);
  });

  it("writes what it can when it is closed", () => {
    journal.recordBan(banOf("192.0.2.3", { sinceEpochMs: 3 }));
    setWritable(true);
    journal.close();
    const next = open(path).journal;
    expect(next.countActiveBans()).toBe(3);
    next.close();
  });

  it("remembers 10 000 changes and no more", () => {
    for (let index = 0; index <= 10_000; index += 1) {
      journal.recordBan(banOf(`198.51.${index >> 8}.${index & 255}`, { sinceEpochMs: 10 }));
    }
    expect(journal.countActiveBans()).toBe(10_002);
    expect(journal.findActiveBan(prefix("198.51.0.0"))).toBeUndefined();
    expect(journal.findActiveBan(prefix("198.51.0.1"))).toBeDefined();
    expect(journal.failures).toBe(10_001);
  });

  it("takes a full disk in the same way", () => {
    setWritable(true);
    const { page_count: pages } = database.prepare("PRAGMA page_count").get() as {
      page_count: number;
    };
    database.exec(`PRAGMA max_page_count = ${pages}`);
    // Longer than a page, so that it needs room at once.
    journal.recordBan(banOf("192.0.2.3", { sinceEpochMs: 3, reason: "x".repeat(20_000) }));
    expect(journal.failures).toBe(1);
    expect(journal.isKept(prefix("192.0.2.3"))).toBe(false);
    expect(listed()).toEqual(["192.0.2.3/32", "192.0.2.2/32", "192.0.2.1/32"]);
  });
});
