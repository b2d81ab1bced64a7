/** A journal with a million bans: the start that brings them back, a kill, and another start. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeManyBans } from "../support/many-bans.ts";
import { NODE } from "../support/programs.ts";
import { waitFor } from "../support/wait-for.ts";
import type { Fault } from "./fault.ts";
import { Scene } from "./scene.ts";

const BANS = 1_000_000;
const BACK_MS = 600_000;

export const MILLION_BANS: Fault = {
  name: "million-bans",
  done: () => "1,000,000 bans in the journal, a start, kill -9 of the guard, loss of power",
  promised: "all of them stand in the kernel after each",
  limitMs: 1_800_000,
  skipReason: ({ isQuick }) => (isQuick ? "takes minutes: left out by --quick" : undefined),
  play: async (lab) => {
    const scene = await Scene.open(lab);
    await scene.mustBan("192.0.2.1");
    await scene.guard.stop();
    writeManyBans(scene.guard, BANS);
    const { namespace } = scene.network.target;
    const counter = join(import.meta.dirname, "count-bans-child.ts");
    const count = async () => Number(await namespace.run(NODE, [counter], BACK_MS));
    const seconds: number[] = [];
    const allBack = async (since: number) => {
      await waitFor("all bans in the kernel", BACK_MS, async () => {
        return (await scene.guard.status().catch(() => undefined))?.banned === BANS + 1;
      });
      seconds.push(Math.round((performance.now() - since) / 1000));
      assert.equal(await count(), BANS + 1);
    };

    for (const begin of [
      () => scene.restart({}, BACK_MS),
      async () => {
        scene.guard.kill("guard");
        await scene.answers(BACK_MS);
      },
      async () => {
        await scene.losePower();
        await scene.restart({}, BACK_MS);
      },
    ]) {
      const since = performance.now();
      await begin();
      await allBack(since);
    }
    const mebibytes = (["guard", "broker"] as const).map((half) =>
      Math.round(scene.footprint(half).bytes / 1024 / 1024),
    );

    return `all there after ${seconds.join(", ")} s; guard ${mebibytes[0]} MiB, broker ${mebibytes[1]} MiB resident`;
  },
};
