/**
 * The dashboard while a forged flood runs: what its stream brings, how late, how long the page waits
 * for its answers, and what that costs the guard. A client listens and asks as the page does; the
 * page itself is drawn elsewhere. Hostile, so each measurement has a machine of its own.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ask, timed } from "../ask.ts";
import { FLOOD_PER_SECOND, flood, floodBeside } from "../beside-flood.ts";
import { Listeners } from "../listeners.ts";
import { cpuSeconds } from "../processes.ts";
import type { Row } from "../row.ts";
import { raiseMachine } from "../standing.ts";
import { spreadOf } from "../statistics.ts";

/** What the first page asks for when it is opened: src/dashboard/live.ts and pages/now.tsx. */
const PAGE = ["/v1/history?limit=60", "/v1/campaigns?limit=40", "/v1/activity"];

/** Bans whose news is waited for: each takes a little more than the pause behind it, 0.2 s. */
const BANS_PER_SECOND = 3;

export const DASHBOARD: Row = {
  name: "dashboard",
  isLong: true,
  measures: [
    {
      id: "dashboard.events",
      title: `events to a listening client, under a forged flood of ${FLOOD_PER_SECOND.toLocaleString("en")} packets a second`,
      unit: "a second",
      isMoreBetter: true,
      isPaired: false,
    },
    {
      id: "dashboard.delay",
      title: "from the request of a ban until the client hears of it, under it",
      unit: "ms",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "dashboard.page",
      title: "the answers that the first page waits for, under it",
      unit: "ms",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "dashboard.cpu",
      title: "CPU time of the guard under it, with that client",
      unit: "% of a core",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "dashboard.cpu-alone",
      title: "the same without a client",
      unit: "% of a core",
      isMoreBetter: false,
      isPaired: false,
    },
  ],
  async measure({ contestant, guard: { api }, tools }, { seconds }) {
    if (api === undefined) return {};
    await using standing = await raiseMachine(contestant, tools);
    const { guard } = standing;
    if (guard.api === undefined) return {};
    const cost = async (act: () => Promise<unknown>) => {
      const before = cpuSeconds(guard.pids());
      const beginsAtMs = performance.now();
      await act();
      const took = (performance.now() - beginsAtMs) / 1000;
      return { took, percent: (100 * (cpuSeconds(guard.pids()) - before)) / took };
    };
    const alone = await cost(() => flood(standing, seconds));

    const listeners = await Listeners.open(guard.api, 1);
    const socket = join(guard.api.folder, "run/api.sock");
    const addresses = Array.from(
      { length: seconds * BANS_PER_SECOND },
      (_, turn) => `192.0.2.${100 + (turn % 100)}`,
    );
    let delays: number[] = [];
    const pages: number[] = [];
    await listeners.heard();
    const watched = await cost(() =>
      floodBeside(standing, seconds, async () => {
        let isHeard = false;
        const hearing = listeners.delaysMs(addresses).finally(() => {
          isHeard = true;
        });
        hearing.catch(() => undefined);
        while (!isHeard) {
          pages.push(await timed(() => Promise.all(PAGE.map((path) => ask(socket, { path })))));
          await pause(1000);
        }
        delays = await hearing;
      }),
    );
    const { events } = await listeners.heard();
    await listeners.close();
    return {
      "dashboard.events": events / watched.took,
      "dashboard.delay": spreadOf(delays)?.median ?? Number.NaN,
      "dashboard.page": spreadOf(pages)?.median ?? Number.NaN,
      "dashboard.cpu": watched.percent,
      "dashboard.cpu-alone": alone.percent,
    };
  },
};
