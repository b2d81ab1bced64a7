/** The command of PortSentry's KILL_RUN_CMD never ends. */
import { waitFor } from "../support/wait-for.ts";
import type { Fault } from "./fault.ts";
import { Flood } from "./flood.ts";
import { Scene } from "./scene.ts";

const BANS = 12;
/** Longest that all commands may take: each has a second and then ends. Milliseconds. */
const LAST_COMMAND_MS = 60_000;

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
    // The last ban's command may still have its second, and those before it theirs.
    await waitFor("the end of all commands", LAST_COMMAND_MS, async () => {
      return (await scene.processes(/sleep 1000/)) === 0;
    });

    return `${scene.promises} bans in the kernel, hook-failed shown, no command left; ${growth}`;
  },
};
