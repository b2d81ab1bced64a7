/** The disk of the state directory fills up and is freed again. */
import assert from "node:assert/strict";
import { waitFor } from "../support/wait-for.ts";
import type { Fault } from "./fault.ts";
import { Scene } from "./scene.ts";
import { SmallDisk } from "./small-disk.ts";

const BANS = 12;

export const DISK_FULL: Fault = {
  name: "disk-full",
  done: () => `the state's disk filled mid-run, ${BANS} bans asked for, freed, then loss of power`,
  promised: "the kernel has every ban; the loss is shown; once there is room all are on the disk",
  limitMs: 300_000,
  play: async (lab) => {
    const disk = await SmallDisk.mount(lab, "size=2m");
    const scene = await Scene.open(lab, disk.guardOptions);
    await scene.mustBan("192.0.2.1");
    const before = scene.footprint("guard");

    await disk.run("cat /dev/zero > filler 2>/dev/null; true");
    for (let place = 0; place < BANS; place += 1) await scene.mustBan(`192.0.2.${place + 2}`);
    await scene.guard.problem("journal-failed");
    const failures = (await scene.guard.status()).journal_failures;
    await scene.check();
    await disk.run("rm filler");
    await scene.mustBan("192.0.2.200");
    await waitFor("the journal to be well again", 90_000, async () => {
      return (await scene.guard.status()).health.every(({ code }) => code !== "journal-failed");
    });
    const growth = await scene.checkGrowth("guard", before);
    await scene.losePower();
    await scene.restart();
    await scene.check();
    await scene.stillGuards();

    assert.ok(failures > 0);
    return `journal-failed shown, ${failures} failures counted; ${scene.promises} promised bans all there after the loss of power; ${growth}`;
  },
};
