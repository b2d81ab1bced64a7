/** Orderly restarts while a flood goes on. */
import type { Fault, Scope } from "./fault.ts";
import { Flood } from "./flood.ts";
import { Scene } from "./scene.ts";

const timesOf = ({ isQuick }: Scope) => (isQuick ? 2 : 20);

export const RESTART: Fault = {
  name: "restart",
  done: (scope) => `SIGTERM and another start, ${timesOf(scope)} times, under flood`,
  promised: "bans stay in the kernel in between, and are listed afterwards",
  limitMs: 1_800_000,
  play: async (lab, scope) => {
    const scene = await Scene.open(lab);
    await using flood = new Flood(scene);

    for (let turn = 0; turn < timesOf(scope); turn += 1) {
      await scene.mustBan(`192.0.2.${turn + 1}`);
      await scene.guard.stop();
      await scene.checkKernel();
      await scene.restart();
      await scene.check();
    }
    await flood.stop();
    await scene.stillGuards();

    return `${scene.promises} promised bans all there after ${timesOf(scope)} restarts, ${flood.packets} packets`;
  },
};
