/** The state directory cannot be written from the start. */
import type { Fault } from "./fault.ts";
import { Scene } from "./scene.ts";
import { SmallDisk } from "./small-disk.ts";

export const READ_ONLY_STATE: Fault = {
  name: "read-only-state",
  done: () => "a start with a state directory on a read-only mount, a ban, kill -9 of the guard",
  promised:
    "it guards, says what is wrong, and the kernel loses no ban; the list may, as journal-failed says",
  limitMs: 180_000,
  play: async (lab) => {
    const disk = await SmallDisk.mount(lab, "size=2m,ro");
    const scene = await Scene.open(lab, disk.guardOptions);
    await scene.mustBan("192.0.2.1");
    await scene.stillGuards();
    const codes = (await scene.guard.status()).health.map(({ code }) => code);
    if (codes.length === 0) throw new Error("no problem is shown");

    scene.guard.kill("guard");
    await scene.checkKernel();
    await scene.answers();
    await scene.checkKernel();
    const listed = (await scene.guard.bans()).length;

    return `guards; shown: ${codes.join(", ")}; after kill -9 the kernel has ${scene.promises} of ${scene.promises} bans, the list ${listed}`;
  },
};
