import { describe, expect, it } from "vitest";
import { Pipeline } from "../../src/daemon/pipeline.ts";
import { RunningOperator, type RunningParts } from "../../src/daemon/running-operator.ts";
import type { Outcome } from "../../src/model/order.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { makeStages, probe } from "./stages.ts";

const APPLIED: Outcome = { status: "applied" };

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("RunningOperator", () => {
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
    expect(stages.campaigns.list()).toMatchObject([
      { outcome: { status: "unbanned" } },
      { outcome: { status: "banned" } },
    ]);
  });
});
