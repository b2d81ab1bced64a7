/** Both halves together under a memory limit, in a flood. */
import assert from "node:assert/strict";
import { waitFor } from "../support/wait-for.ts";
import { MemoryGroup } from "./cgroup.ts";
import type { Fault } from "./fault.ts";
import { Flood } from "./flood.ts";
import { Scene } from "./scene.ts";

const LIMIT_MEBIBYTES = 384;
const LIMIT_BYTES = LIMIT_MEBIBYTES * 1024 * 1024;
const FLOOD_PACKETS = 100_000;

export const MEMORY_LIMIT: Fault = {
  name: "memory-limit",
  done: () => `${LIMIT_MEBIBYTES} MiB for both halves by cgroup, ${FLOOD_PACKETS} forged SYNs`,
  promised: "nothing is killed for want of memory, no ban lost",
  limitMs: 300_000,
  skipReason: () => {
    const group = MemoryGroup.open(LIMIT_BYTES);
    if (typeof group === "string") return group;
    group.remove();
    return undefined;
  },
  play: async (lab) => {
    const group = MemoryGroup.open(LIMIT_BYTES);
    if (typeof group === "string") throw new Error(group);
    const scene = await Scene.open(lab, { prefix: group.prefix });
    await scene.mustBan("192.0.2.1");
    const first = scene.guard.pid("guard");
    await using flood = new Flood(scene);

    await waitFor("the flood", 240_000, () => flood.packets >= FLOOD_PACKETS);
    await scene.mustBan("192.0.2.2");
    await flood.stop();
    await scene.check();
    await scene.stillGuards();

    assert.equal(group.killed, 0, "processes were killed for want of memory");
    assert.equal(scene.guard.pid("guard"), first, "the guard was started again");
    const mebibytes = (["guard", "broker"] as const).map((half) =>
      Math.round(scene.footprint(half).bytes / 1024 / 1024),
    );
    return `guard ${mebibytes[0]} MiB, broker ${mebibytes[1]} MiB resident; nothing killed; ${scene.promises} bans all there`;
  },
};
