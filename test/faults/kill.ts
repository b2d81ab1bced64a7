/** kill -9 of either half, at any moment, in a flood and in the middle of a ban. */
import assert from "node:assert/strict";
import { letPass } from "../support/wait-for.ts";
import type { Fault, Scope } from "./fault.ts";
import { Flood } from "./flood.ts";
import { Scene } from "./scene.ts";

const timesOf = ({ isQuick }: Scope) => (isQuick ? 5 : 100);
/** A kill comes within this time after a ban was asked for, which takes about as long. */
const WITHIN_MS = 800;

export const KILL: Fault = {
  name: "kill",
  done: (scope) => `kill -9 of guard or broker at random, ${timesOf(scope)} times, under flood`,
  promised: "no ban lost in kernel, list and after a loss of power; it comes back; nothing grows",
  limitMs: 3_600_000,
  play: async (lab, scope) => {
    const { random } = scope;
    const scene = await Scene.open(lab);
    await scene.mustBan("192.0.2.1");
    const before = { guard: scene.footprint("guard"), broker: scene.footprint("broker") };
    await using flood = new Flood(scene);
    const killed = { guard: 0, broker: 0 };

    for (let turn = 0; turn < timesOf(scope); turn += 1) {
      const half = random.pick(["guard", "broker"] as const);
      const asked = scene.ban(`192.0.2.${turn + 2}`);
      await letPass(random.integer(0, WITHIN_MS));
      scene.guard.kill(half);
      killed[half] += 1;
      await asked;
      await scene.checkKernel();
      if (half === "broker") await scene.restart();
      else await scene.answers();
      await scene.check();
    }
    await flood.stop();
    await scene.losePower();
    await scene.restart();
    await scene.check();
    await scene.stillGuards();
    const growth = [
      await scene.checkGrowth("guard", before.guard),
      await scene.checkGrowth("broker", before.broker),
    ];

    assert.ok(scene.promises > timesOf(scope) / 10, "hardly a ban was promised");
    return `${killed.guard} guards and ${killed.broker} brokers killed, ${flood.packets} packets; ${scene.promises} promised bans all there; ${growth.join(", ")}`;
  },
};
