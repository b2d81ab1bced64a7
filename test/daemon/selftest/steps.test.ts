import { describe, expect, it } from "vitest";
import type { Scene } from "../../../src/daemon/selftest/scene.ts";
import { STEP_PLANS } from "../../../src/daemon/selftest/steps.ts";
import type { NftablesJsonOutcome } from "../../../src/kernel/nftables.ts";

/** A scene whose guard has ended well, and whose nftables answers so. */
function ended(listing: NftablesJsonOutcome): Scene {
  const scene = {
    guard: { stop: () => {}, ended: "exit status 0", lastWords: "" },
    network: { target: { ask: async () => listing } },
    until: async (_withinMs: number, look: () => unknown) => look(),
  };
  return scene as unknown as Scene;
}

/** As nft --json lists tables of the family inet. */
function tables(...names: readonly string[]): unknown {
  const listed = names.map((name) => ({ table: { family: "inet", name, handle: 1 } }));
  return { nftables: [{ metainfo: { json_schema_version: 1 } }, ...listed] };
}

describe("STEP_PLANS", () => {
  it.each<{ what: string; listing: NftablesJsonOutcome; status: string }>([
    { what: "no table", listing: { status: "ok", output: tables() }, status: "passed" },
    {
      what: "a table of somebody else's",
      listing: { status: "ok", output: tables("vedette-other", "other") },
      status: "passed",
    },
    {
      what: "the guard's",
      listing: { status: "ok", output: tables("other", "vedette") },
      status: "failed",
    },
    { what: "no answer", listing: { status: "failed", reason: "EPERM" }, status: "failed" },
  ])("tells after the stop: $what -> $status", async ({ listing, status }) => {
    const stop = STEP_PLANS.find(({ name }) => name === "stopped");
    expect(await stop?.run(ended(listing))).toMatchObject({ status });
  });
});
