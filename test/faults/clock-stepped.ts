/** The machine's wall clock is set by a day, forward and back, under a guard in a flood. */
import assert from "node:assert/strict";
import { ClockSteps } from "../support/clock-steps.ts";
import { waitFor } from "../support/wait-for.ts";
import type { Fault, Scope } from "./fault.ts";
import { Flood } from "./flood.ts";
import { Scene } from "./scene.ts";

const DAY_MS = 86_400_000;
const timesOf = ({ isQuick }: Scope) => (isQuick ? 2 : 6);
/** What a promised ban lasts, by {@link Scene.ban}. */
const BAN_SECONDS = 3600;
/** A ban may be off by this much. Seconds: less than what the smallest wrong step makes of it. */
const SLACK_SECONDS = 30;

export const CLOCK_STEPPED: Fault = {
  name: "clock-stepped",
  done: (scope) =>
    `the wall clock set by a day, forward and back, ${timesOf(scope)} times, then a kill -9 of the guard, a restart and a loss of power, under flood`,
  promised: "every ban lasts as long as it was to, none is lost, whatever the clock says",
  limitMs: 900_000,
  play: async (lab, scope) => {
    const clocks = await ClockSteps.open(lab);
    const scene = await Scene.open(lab, { prefix: clocks.prefix });
    await using flood = new Flood(scene);
    const madeAtMs = new Map<string, number>();
    const ban = async (address: string) => {
      await scene.mustBan(address);
      madeAtMs.set(address, performance.now());
    };
    const lastAsTheyWere = async () => {
      for (const { address, remaining_seconds: rest } of await scene.guard.bans()) {
        const atMs = madeAtMs.get(address);
        if (atMs === undefined) continue;
        const due = BAN_SECONDS - (performance.now() - atMs) / 1000;
        if (rest === null || Math.abs(rest - due) > SLACK_SECONDS) return false;
      }
      return true;
    };
    const check = async () => {
      await waitFor("bans with the time that they had", 60_000, lastAsTheyWere);
      await scene.check();
    };

    await ban("192.0.2.1");
    for (let turn = 0; turn < timesOf(scope); turn += 1) {
      await clocks.set(0, turn % 2 === 0 ? DAY_MS : -DAY_MS);
      const words =
        turn === 0 ? "set forward by 1 d" : turn % 2 === 0 ? "forward by 2 d" : "back by 2 d";
      await waitFor(`"${words}" in status`, 60_000, async () => {
        return (await scene.guard.status()).health.some(({ text }) => text.includes(words));
      });
      await check();
      await ban(`192.0.2.${turn + 2}`);
    }
    scene.guard.kill("guard");
    await scene.answers();
    await check();
    await scene.guard.stop();
    await scene.checkKernel();
    await scene.restart();
    await check();
    await flood.stop();
    await scene.losePower();
    await scene.restart();
    await check();
    await scene.stillGuards();

    assert.equal(scene.promises, timesOf(scope) + 2);
    return `${timesOf(scope)} steps told; ${madeAtMs.size} bans of an hour all there with the time that was left, to ${SLACK_SECONDS} s, after kill -9, restart and loss of power; ${flood.packets} packets`;
  },
};
