import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OfflineOperator } from "../../src/api/operator.ts";
import { AuditedOperator } from "../../src/daemon/audited-operator.ts";
import { OfflineStories } from "../../src/daemon/offline-stories.ts";
import { OperationalError } from "../../src/errors.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import { openHistory } from "../../src/journal/open-history.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { FakeOperator } from "../api/fake-operator.ts";
import { FakeClock } from "../support/fake-clock.ts";

class Offline extends FakeOperator implements OfflineOperator {
  readonly untrust = (): Promise<never> => {
    throw new OperationalError("ERR_NO_GUARD", "no guard runs");
  };
  readonly hasGuard = () => false;
  readonly remove = async () => [];
  readonly close = async () => {};
}

const clock = new FakeClock();
let state: string;
let told: string[];
let stories: OfflineStories;
let operator: AuditedOperator;
const storiesOf = () =>
  new OfflineStories({
    stateDirectory: state,
    journal: { use: (act) => act(new MemoryJournal()) },
    keys: new SourceKeys({ ipv6PrefixBits: 64 }),
    trusted: () => [],
    ignoreFile: undefined,
    clock,
    tell: (text) => told.push(text),
  });

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "vedette-audited-"));
  mkdirSync(join(state, "journal"));
  told = [];
  stories = storiesOf();
  operator = new AuditedOperator(new Offline(), (request) => stories.keepRequest(request));
});
afterEach(() => {
  stories.close();
  rmSync(state, { recursive: true });
});

const path = () => join(state, "journal", "history.sqlite");
const words = async () => (await stories.history({ limit: 10 })).map(({ text }) => text);

describe("AuditedOperator", () => {
  it("keeps who changed what without a guard, and what came of it", async () => {
    openHistory({ path: path(), clock }).stories.close();
    await operator.ban({ address: "203.0.113.9" });
    await operator.unban("203.0.113.9");
    await operator.trust({ address: "192.0.2.7", for_seconds: 60 });
    await operator.unbanAll();
    await expect(operator.untrust("192.0.2.7")).rejects.toThrow("no guard runs");
    expect((await words()).toReversed()).toEqual([
      'root asked: vedette ban {"address":"203.0.113.9"} (applied)',
      'root asked: vedette unban {"address":"203.0.113.9"} (applied)',
      'root asked: vedette trust {"address":"192.0.2.7","for_seconds":60} (applied)',
      "root asked: vedette unban --all (1 ban ended: 192.0.2.7)",
      'root asked: vedette untrust {"address":"192.0.2.7"} (answered 503)',
    ]);
    expect((await stories.why("203.0.113.9")).history).toHaveLength(2);
    expect(told).toEqual([]);
  });

  it("begins no history, and says nothing of there being none", async () => {
    expect(await operator.ban({ address: "203.0.113.9" })).toMatchObject({ status: "applied" });
    expect(await words()).toEqual([]);
    expect(told).toEqual([]);
  });

  it("does what was asked when the history is damaged, and says that it has no word of it", async () => {
    writeFileSync(path(), "no database, and longer than its header\n".repeat(50));
    expect(await operator.ban({ address: "203.0.113.9" })).toMatchObject({ status: "applied" });
    expect(told).toEqual([`${path()} cannot be written: it has no word of this command.`]);
  });

  it("answers nothing of a history that cannot be read, and has a problem with it", async () => {
    expect(stories.problems()).toEqual([]);
    stories.close();
    writeFileSync(path(), "no database, and longer than its header\n".repeat(50));
    const damaged = storiesOf();
    const failure = { code: "ERR_JOURNAL", message: expect.stringContaining("cannot be read") };
    await expect(damaged.history({ limit: 10 })).rejects.toMatchObject(failure);
    await expect(damaged.campaigns({ limit: 10 })).rejects.toMatchObject(failure);
    await expect(damaged.timeline({ limit: 10 })).rejects.toMatchObject(failure);
    await expect(damaged.why("192.0.2.7")).rejects.toMatchObject(failure);
    expect(damaged.problems()).toMatchObject([{ code: "journal-failed", severity: "warning" }]);
    damaged.close();
  });
});
