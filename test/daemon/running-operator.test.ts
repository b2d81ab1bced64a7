import { describe, expect, it } from "vitest";
import { Pipeline } from "../../src/daemon/pipeline.ts";
import { RunningOperator, type RunningParts } from "../../src/daemon/running-operator.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import type { Outcome } from "../../src/model/order.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { banOf } from "../conformance/journal.ts";
import { makeStages, probe } from "./stages.ts";

const APPLIED: Outcome = { status: "applied" };
const ALREADY: Outcome = { status: "already-applied" };

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** What is told when the one ban that there is was ended. */
const ENDED = { unbanned: 1, addresses: ["198.51.100.7"] };

describe("RunningOperator", () => {
  it("counts what could not be written of bans and of the history alike", async () => {
    const stages = makeStages(() => APPLIED);
    const counters = { unlogged: 0, holds: 0, trusted: 0, refused: 0, shutOut: 0, full: 0 };
    const operator = new RunningOperator({
      ...stages,
      pipeline: new Pipeline(stages),
      journal: { countActiveBans: () => 0, failures: 2 },
      history: { failures: 3 },
      broker: { measure: async () => ({ counters, held: 0 }), blocklists: async () => null },
      facts: () => ({ trusted: [] }),
      settings: () => ({ settings: {}, configRevision: "" }),
      confirmByEpochMs: () => undefined,
      problems: () => [],
    } as unknown as RunningParts);
    expect((await operator.status()).journal_failures).toBe(5);
  });

  it.each([
    { what: "could not be written", isStandIn: true, note: /in force, .*journal could not/ },
    { what: "is written", isStandIn: false, note: undefined },
  ])("notes of a ban whether it $what", async ({ isStandIn, note }) => {
    const stages = { ...makeStages(() => APPLIED), journal: new MemoryJournal({ isStandIn }) };
    const operator = new RunningOperator({
      ...stages,
      pipeline: new Pipeline(stages),
      keys: new SourceKeys({ ipv6PrefixBits: 64 }),
      settings: () => ({ settings: {}, configRevision: "" }),
    } as unknown as RunningParts);
    const view = await operator.ban({ address: "192.0.2.7" });
    expect(view).toMatchObject({ address: "192.0.2.7", status: "applied" });
    expect(view.note).toEqual(note && expect.stringMatching(note));
  });

  it.each([
    { what: "is written", isStandIn: false, note: undefined },
    { what: "could not be written", isStandIn: true, note: /journal could not.*comes back/ },
  ])("notes of an unban whether it $what", async ({ isStandIn, note }) => {
    const stages = { ...makeStages(() => APPLIED), journal: new MemoryJournal({ isStandIn }) };
    stages.journal.recordBan(banOf("192.0.2.7"));
    const operator = new RunningOperator({
      ...stages,
      pipeline: new Pipeline(stages),
      keys: new SourceKeys({ ipv6PrefixBits: 64 }),
    } as unknown as RunningParts);
    const view = await operator.unban("192.0.2.7");
    expect(view.status).toBe("applied");
    expect(view.note).toEqual(note && expect.stringMatching(note));
  });

  it("ends every ban, counts all and names the first twenty", async () => {
    const stages = makeStages(() => APPLIED);
    const pipeline = new Pipeline(stages);
    pipeline.start();
    for (let host = 0; host < 21; host += 1) stages.journal.recordBan(banOf(`192.0.2.${host}`));
    const lost = "203.0.113.9/32" as Prefix;
    const broker = {
      leftovers: async () => [{ prefix: lost, isOurs: true }],
      undo: async (prefixes: readonly Prefix[]) =>
        prefixes.map((prefix) => ({ outcome: prefix === lost ? APPLIED : ALREADY })),
      unban: async (prefixes: readonly Prefix[]) => prefixes.map(() => APPLIED),
    };
    const parts = { ...stages, pipeline, broker } as unknown as RunningParts;
    const { unbanned, addresses } = await new RunningOperator(parts).unbanAll();
    expect(unbanned).toBe(22);
    expect(addresses).toHaveLength(20);
    expect(addresses[0]).toBe("203.0.113.9");
    expect(new Set(addresses).size).toBe(20);
  });

  it("tells of each source in the story of its scan that all were unbanned by hand", async () => {
    const stages = makeStages(() => APPLIED);
    const pipeline = new Pipeline(stages);
    pipeline.start();
    for (const source of ["198.51.100.7", "198.51.100.8"]) {
      for (const port of [22, 25, 8081]) stages.sensor.deliver(probe(source, port));
    }
    await settled();
    const stubborn: Outcome = { status: "failed", reason: "no such set" };
    const broker = {
      leftovers: async () => [],
      undo: async () => [],
      unban: async (prefixes: readonly Prefix[]) =>
        prefixes.map((prefix) => (prefix === "198.51.100.8/32" ? stubborn : APPLIED)),
    };
    const parts = { ...stages, pipeline, broker } as unknown as RunningParts;
    await expect(new RunningOperator(parts).unbanAll()).rejects.toThrow("no such set");
    expect(stages.journal.activeBans(10, undefined)).toMatchObject([{ prefix: "198.51.100.8/32" }]);
    expect(stages.lines.join("")).toMatch(
      /story {4}198\.51\.100\.7 scanned .*; banned, and let in again/,
    );
    // Let in with a clean record; the other is as it was.
    expect(stages.campaigns.list()).toMatchObject([
      { source: "198.51.100.8/32", outcome: { status: "banned" } },
    ]);
  });

  it.each([
    { while: "the kernel lets it in", at: "unban" as const },
    { while: "the responses are undone", at: "undo" as const },
  ])("bans nobody again whose proof arrives while $while", async ({ at }) => {
    const stages = makeStages(() => APPLIED);
    const pipeline = new Pipeline(stages);
    pipeline.start();
    for (const port of [22, 25, 8081]) stages.sensor.deliver(probe("198.51.100.7", port));
    await settled();
    const { source } = probe("198.51.100.7", 22);
    const proveDuring = async (request: typeof at) => {
      if (request !== at) return;
      stages.sensor.prove({ source, evidence: "alive", port: 22, seenAtMs: 10 });
      await settled();
    };
    const broker = {
      leftovers: async () => [],
      unban: async (prefixes: readonly Prefix[]) => {
        await proveDuring("unban");
        return prefixes.map(() => APPLIED);
      },
      undo: async (prefixes: readonly Prefix[]) => {
        if (prefixes.length > 0) await proveDuring("undo");
        return [];
      },
    };
    const parts = { ...stages, pipeline, broker } as unknown as RunningParts;
    await expect(new RunningOperator(parts).unbanAll()).resolves.toEqual(ENDED);
    await settled();
    expect(stages.orders).toMatchObject([{ act: "ban", ban: { evidence: "claimed" } }]);
    expect(stages.journal.countActiveBans()).toBe(0);
    expect(stages.detector.tracked).toBe(0);
  });

  it("is waited for by the end of the guard, and begins nothing behind it", async () => {
    const stages = makeStages(() => APPLIED);
    const pipeline = new Pipeline(stages);
    pipeline.start();
    for (const port of [22, 25, 8081]) stages.sensor.deliver(probe("198.51.100.7", port));
    await settled();
    const unbanned = Promise.withResolvers<void>();
    const broker = {
      leftovers: async () => [],
      unban: async (prefixes: readonly Prefix[]) => {
        await unbanned.promise;
        return prefixes.map(() => APPLIED);
      },
      undo: async () => [],
    };
    const operator = new RunningOperator({
      ...stages,
      pipeline,
      broker,
    } as unknown as RunningParts);
    const ended = operator.unbanAll();
    await settled();
    let hasStopped = false;
    const stopped = pipeline.stop().then(() => {
      hasStopped = true;
    });
    await settled();
    expect(hasStopped).toBe(false);
    unbanned.resolve();
    await expect(ended).resolves.toEqual(ENDED);
    await stopped;
    stages.journal.recordBan({
      prefix: "192.0.2.7/32" as Prefix,
      sinceEpochMs: 0,
      untilEpochMs: undefined,
      evidence: "claimed",
      origin: "operator",
      reason: "by command",
      ruleId: undefined,
      campaignId: undefined,
      means: ["nftables"],
      configRevision: "test",
    });
    await expect(operator.unbanAll()).rejects.toThrow("the guard is ending");
    expect(stages.journal.countActiveBans()).toBe(1);
  });
});
