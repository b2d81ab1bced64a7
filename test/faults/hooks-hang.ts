/** The command of PortSentry's KILL_RUN_CMD never ends. */
import assert from "node:assert/strict";
import type { Fault } from "./fault.ts";
import { Flood } from "./flood.ts";
import { Scene } from "./scene.ts";

const BANS = 12;

export const HOOKS_HANG: Fault = {
  name: "hooks-hang",
  done: () =>
    `KILL_RUN_CMD="/bin/sleep 1000", HOOK_TIMEOUT=1s, ${BANS} bans and a scan, under flood`,
  promised: "the kernel bans at once; no command is left behind, hook-failed is shown",
  limitMs: 240_000,
  play: async (lab) => {
    const config = { KILL_RUN_CMD: "/bin/sleep 1000", HOOK_TIMEOUT: "1s", NFT_BAN: "1" };
    const scene = await Scene.open(lab, { config });
    const before = scene.footprint("broker");
    await using flood = new Flood(scene);

    for (let place = 1; place <= BANS; place += 1) await scene.ban(`192.0.2.${place}`);
    await scene.checkKernel();
    await flood.stop();
    await scene.stillGuards();
    await scene.guard.problem("hook-failed");
    const growth = await scene.checkGrowth("broker", before);
    const left = await scene.processes(/sleep 1000/);

    assert.equal(left, 0, `${left} commands are left behind`);
    return `${scene.promises} bans in the kernel, hook-failed shown, no command left; ${growth}`;
  },
};
