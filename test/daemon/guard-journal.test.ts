import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openGuardJournal } from "../../src/daemon/guard-journal.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { FakeClock } from "../broker/fakes.ts";

const DAY_MS = 86_400_000;

let directory: string;
let clock: FakeClock;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-guard-journal-"));
  clock = new FakeClock();
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What a guard that starts now tells. */
function problems() {
  const health = new HealthTracker(() => clock.epochMs());
  const { journal, stories } = openGuardJournal(directory, health, clock);
  journal.close();
  stories.close();
  return health.list();
}

const codes = () => problems().map(({ code }) => code);

function damage(name = "journal.sqlite"): void {
  writeFileSync(join(directory, name), "no database, and longer than its header\n".repeat(50));
}

describe("openGuardJournal", () => {
  it("tells of nothing where nothing is wrong", () => {
    expect(codes()).toEqual([]);
    expect(codes()).toEqual([]);
  });

  it("tells of a damaged journal for a day, over all restarts", () => {
    damage();
    const [now] = problems();
    expect(now).toMatchObject({ code: "journal-set-aside", severity: "warning" });
    expect(now?.text).toContain("is damaged");
    clock.advance(DAY_MS - 1);
    expect(problems()[0]?.text).toMatch(
      /was damaged, and at 2026-\S+Z it was set aside as \S+corrupt-/,
    );
    clock.advance(1);
    expect(codes()).toEqual([]);
  });

  it("tells of a damaged history, and begins a new one, while bans stay", () => {
    damage("history.sqlite");
    expect(problems()).toMatchObject([{ code: "journal-set-aside" }]);
    expect(problems()[0]?.text).toContain("history.sqlite.corrupt-");
  });

  it("tells of it no more once the file is deleted", () => {
    damage();
    const text = problems()[0]?.text ?? "";
    unlinkSync(/set aside as (\S+)/.exec(text)?.[1] ?? "");
    expect(codes()).toEqual([]);
  });
});
