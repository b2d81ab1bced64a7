import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OfflineJournal } from "../../src/daemon/offline-journal.ts";
import { FakeClock } from "../broker/fakes.ts";
import { banOf, prefix } from "../conformance/journal.ts";

let state: string;
let told: string[];
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "vedette-offline-"));
  mkdirSync(join(state, "journal"));
  told = [];
});
afterEach(() => rmSync(state, { recursive: true }));

const path = () => join(state, "journal", "journal.sqlite");
const names = () => readdirSync(join(state, "journal"));
const open = () => new OfflineJournal(state, new FakeClock(), (text) => told.push(text));

const DAMAGED = "no database, and longer than its header\n".repeat(50);

describe("OfflineJournal", () => {
  it("leaves a damaged file to the guard while nothing is changed, and says so once", () => {
    writeFileSync(path(), DAMAGED);
    const journal = open();
    expect(journal.use((each) => each.countActiveBans())).toBe(0);
    expect(journal.problems()).toMatchObject([{ code: "journal-failed" }]);
    journal.close();
    expect(names()).toEqual(["journal.sqlite"]);
    expect(readFileSync(path(), "utf8")).toBe(DAMAGED);
    expect(told).toEqual([expect.stringMatching(/is damaged .*; it is left as it is/)]);
  });

  it("sets a damaged file aside before something is changed, and the change lasts", () => {
    writeFileSync(path(), DAMAGED);
    const journal = open();
    journal.prepareToChange();
    journal.prepareToChange();
    journal.use((each) => each.recordBan(banOf("192.0.2.7")));
    journal.close();
    expect(told).toEqual([expect.stringContaining("was set aside as")]);
    expect(names().filter((name) => name.includes(".corrupt-"))).toHaveLength(1);
    const next = open();
    expect(next.use((each) => each.findActiveBan(prefix("192.0.2.7")))).toBeDefined();
    expect(next.problems()).toEqual([]);
    next.close();
  });

  it("says nothing of a damaged file that goes away", () => {
    writeFileSync(path(), DAMAGED);
    const journal = open();
    journal.discard();
    journal.close();
    expect(told).toEqual([]);
  });

  it("begins no file to look at, and one to write into", () => {
    const looking = open();
    looking.close();
    expect(names()).toEqual([]);
    const keeping = open();
    keeping.keep([banOf("192.0.2.7")]);
    keeping.close();
    expect(existsSync(path())).toBe(true);
    expect(told).toEqual([]);
  });

  it("keeps no ban where no guard has ever been", () => {
    rmSync(join(state, "journal"), { recursive: true });
    const journal = open();
    expect(() => journal.keep([banOf("192.0.2.7"), banOf("192.0.2.8")])).toThrow(
      expect.objectContaining({
        code: "ERR_REFUSED",
        message: expect.stringContaining("no journal can keep 2 bans"),
      }),
    );
    journal.keep([]);
    journal.close();
    expect(existsSync(join(state, "journal"))).toBe(false);
  });

  it("fails a change that no file takes, and says what it means, without a guard's words", () => {
    mkdirSync(path());
    const journal = open();
    journal.prepareToChange();
    expect(() => journal.requireWritten("192.0.2.7 is banned", "it is forgotten")).not.toThrow();
    journal.use((each) => each.recordBan(banOf("192.0.2.7")));
    expect(() => journal.requireWritten("192.0.2.7 is banned", "it is forgotten")).toThrow(
      expect.objectContaining({
        code: "ERR_JOURNAL",
        message: `192.0.2.7 is banned, but the journal ${path()} could not be written: it is forgotten`,
      }),
    );
    journal.prepareToChange();
    expect(() => journal.requireWritten("nothing was done", "")).not.toThrow();
    journal.close();
    expect(told).toEqual([
      expect.stringMatching(/cannot be written .*; of its bans 0 could be read\.$/),
    ]);
  });

  it("refuses the journal of a newer program, and leaves it as it is", () => {
    const first = open();
    first.prepareToChange();
    first.close();
    const database = new DatabaseSync(path());
    database.exec("PRAGMA user_version = 999");
    database.close();
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: "ERR_JOURNAL",
        message: expect.stringMatching(/made by a newer Vedette .* move the file away/),
      }),
    );
    expect(names()).toEqual(["journal.sqlite"]);
  });
});
