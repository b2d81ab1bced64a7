import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import { openJournal } from "../../src/journal/open-journal.ts";
import { SqliteJournal } from "../../src/journal/sqlite-journal.ts";
import { banOf, prefix } from "../conformance/journal.ts";

const clock = { monotonicMs: () => 0, epochMs: () => Date.UTC(2026, 10, 22, 10, 15, 0, 7) };

/** Exists on every Linux machine and owns nothing: "nobody". */
const OTHER_UID = 65_534;

const isRoot = process.getuid?.() === 0;

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-journal-"));
  path = join(directory, "journal.sqlite");
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (at = path) => openJournal({ path: at, clock });

/** A program that has the journal at its first argument as `journal`, and `banOf`. */
const childProgram = (body: string) => `
  import { openJournal } from ${JSON.stringify(moduleUrl("../../src/journal/open-journal.ts"))};
  import { systemClock } from ${JSON.stringify(moduleUrl("../../src/clock.ts"))};
  const banOf = (prefix) => ({ ...${JSON.stringify(banOf("192.0.2.7"))}, prefix });
  const { journal, note } = openJournal({ path: process.argv[1], clock: systemClock });
  ${body}`;

const moduleUrl = (relative: string) => new URL(relative, import.meta.url).href;

const childArguments = (body: string) => [
  "--input-type=module",
  "--eval",
  childProgram(body),
  path,
];

describe("openJournal", () => {
  it("begins a journal where there is none, and opens it again", () => {
    const first = open();
    expect(first.note).toBeUndefined();
    expect(first.journal).toBeInstanceOf(SqliteJournal);
    first.journal.recordBan(banOf("192.0.2.7"));
    first.journal.close();
    const second = open();
    expect(second.journal.countActiveBans()).toBe(1);
    second.journal.close();
  });

  it.each([
    { what: "text", content: "not a database, but long enough to look at\n".repeat(50) },
    { what: "a database cut short", content: undefined },
  ])("sets $what aside and begins a new one", ({ content }) => {
    if (content === undefined) {
      const { journal } = open();
      for (let host = 0; host < 200; host += 1) journal.recordBan(banOf(`192.0.2.${host}`));
      journal.close();
    }
    const damaged = content ?? readFileSync(path).subarray(0, 5000);
    writeFileSync(path, damaged);

    const { journal, note } = open();
    const aside = `${path}.corrupt-20261122T101500007Z`;
    expect(readFileSync(aside)).toEqual(Buffer.from(damaged));
    expect(note).toContain(`set aside as ${aside}`);
    journal.recordBan(banOf("192.0.2.7"));
    expect(journal.failures).toBe(0);
    journal.close();
    expect(open().note).toBeUndefined();
  });

  it("sets a file with damaged pages aside at the start, and goes on without them", () => {
    const { journal } = open();
    for (let index = 0; index < 2000; index += 1) {
      journal.recordBan(banOf(`198.51.${index >> 8}.${index & 255}`));
    }
    journal.close();
    const file = openSync(path, "r+");
    // The first pages hold the schema; the rest is rows and indexes.
    writeSync(file, Buffer.alloc(statSync(path).size - 8 * 4096, 0xa5), 0, undefined, 8 * 4096);
    closeSync(file);

    const opened = open();
    expect(opened.note).toMatch(/is damaged .* with \d+ bans that could be read/);
    expect(readdirSync(directory).some((name) => name.includes(".corrupt-"))).toBe(true);
    opened.journal.recordBan(banOf("192.0.2.7"));
    expect(opened.journal.findActiveBan(prefix("192.0.2.7"))).toBeDefined();
    expect(opened.journal.failures).toBe(0);
    opened.journal.close();
    expect(open().note).toBeUndefined();
  });

  it.each([
    {
      what: "a trigger",
      sql: "CREATE TRIGGER t AFTER INSERT ON ban BEGIN UPDATE ban SET reason = ''; END",
    },
    { what: "a view", sql: "CREATE VIEW v AS SELECT * FROM ban" },
    { what: "another index", sql: "CREATE INDEX i ON ban (abs(family))" },
    { what: "a column more", sql: "ALTER TABLE ban ADD COLUMN more TEXT" },
    { what: "a table less", sql: "DROP TABLE ban" },
    {
      what: "a view in the table's place",
      sql: `DROP TABLE ban; CREATE VIEW ban AS
        WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT * FROM n`,
    },
    { what: "a schema of its own and no version", sql: "PRAGMA user_version = 0" },
  ])("sets a file with $what aside: somebody else has made it", ({ sql }) => {
    open().journal.close();
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    const { journal, note } = open();
    expect(note).toContain("set aside");
    journal.recordBan(banOf("192.0.2.7"));
    expect(journal.failures).toBe(0);
    journal.close();
    expect(open().note).toBeUndefined();
  });

  it("refuses a file of a newer Vedette, and leaves it as it is", () => {
    open().journal.close();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 999");
    database.close();
    expect(() => open()).toThrow(expect.objectContaining({ code: "ERR_JOURNAL" }));
    expect(readdirSync(directory)).toEqual(["journal.sqlite"]);
  });

  it("stands in with memory where no file can be, and counts each ban as lost", () => {
    const { journal, note } = open(join(directory, "missing", "journal.sqlite"));
    expect(journal).toBeInstanceOf(MemoryJournal);
    expect(note).toContain("cannot be written");
    journal.recordBan(banOf("192.0.2.7"));
    expect(journal.countActiveBans()).toBe(1);
    expect(journal.failures).toBe(1);
  });
});

describe("openJournal, killed in the middle of writing", () => {
  async function banUntilKilled(): Promise<number> {
    const body = `
      const { writeSync } = await import("node:fs");
      for (let n = 0; ; n += 1) {
        journal.recordBan(banOf(\`2001:db8:0:\${(n % 65536).toString(16)}::/64\`));
        writeSync(1, n + "\\n");
      }`;
    const child: ChildProcess = spawn(process.execPath, childArguments(body), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    // It writes until it is killed, also when the test has given up.
    onTestFinished(() => void child.kill("SIGKILL"));
    let printed = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (printed.includes("\n100\n")) child.kill("SIGKILL");
    });
    // With the end of its output, which it may have written faster than it is read here.
    await once(child, "close");
    return Number(printed.trimEnd().split("\n").at(-1));
  }

  it("has every ban that was recorded, and at most one more", async () => {
    const last = await banUntilKilled();
    expect(last).toBeGreaterThanOrEqual(100);
    const { journal, note } = open();
    expect(note).toBeUndefined();
    const count = journal.countActiveBans();
    expect([last + 1, last + 2]).toContain(count);
    journal.close();
    // Each of the 100 waits for the disk.
  }, 60_000);
});

describe.skipIf(!isRoot)("openJournal between two users (needs root)", () => {
  const asOther = (body: string) =>
    spawnSync(process.execPath, childArguments(body), {
      uid: OTHER_UID,
      gid: OTHER_UID,
      encoding: "utf8",
    });

  beforeEach(() => {
    chownSync(directory, OTHER_UID, OTHER_UID);
  });

  it("leaves a journal that root has written to its owner", () => {
    const made = asOther('journal.recordBan(banOf("192.0.2.1/32")); journal.close();');
    expect(made).toMatchObject({ stderr: "", status: 0 });

    const { journal } = open();
    journal.recordBan(banOf("192.0.2.2"));
    // While root has it open, with root's write still in the log beside the file.
    const beside = asOther(
      'journal.recordBan(banOf("192.0.2.3/32")); console.log(note, journal.failures);',
    );
    expect(beside).toMatchObject({ stdout: "undefined 0\n", stderr: "", status: 0 });
    for (const name of readdirSync(directory)) {
      expect(statSync(join(directory, name)).uid).toBe(OTHER_UID);
    }
    expect(journal.countActiveBans()).toBe(3);
    journal.close();

    const after = asOther(
      'journal.recordBan(banOf("192.0.2.4/32")); console.log(note, journal.failures);',
    );
    expect(after).toMatchObject({ stdout: "undefined 0\n", stderr: "", status: 0 });
  });

  it.each(["the file", "the file and its directory"])(
    "reads the bans in force when %s may only be read",
    (what) => {
      const { journal } = open();
      journal.recordBan(banOf("192.0.2.1"));
      journal.close();
      chmodSync(path, 0o644);
      if (what !== "the file") {
        chownSync(directory, 0, 0);
        chmodSync(directory, 0o755);
      }
      const run = asOther(
        "console.log(journal.countActiveBans(), journal.failures); console.error(note);",
      );
      expect(run).toMatchObject({ stdout: "1 0\n", status: 0 });
      expect(run.stderr).toMatch(/cannot be written .*; of its bans 1 could be read/);
    },
  );
});
