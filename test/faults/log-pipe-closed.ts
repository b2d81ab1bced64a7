/** Whoever reads the guard's lines goes away. */
import { join } from "node:path";
import { waitFor } from "../support/wait-for.ts";
import type { Fault } from "./fault.ts";
import { Flood } from "./flood.ts";
import { Scene } from "./scene.ts";

/** Packets before the reader ends, and as many behind it. */
const WARM_PACKETS = 50_000;

export const LOG_PIPE_CLOSED: Fault = {
  name: "log-pipe-closed",
  done: () => "the reader of standard output and error ended mid-run, under flood",
  promised: "it goes on guarding, or ends with its bans in the kernel and starts again",
  limitMs: 180_000,
  play: async (lab) => {
    const pipe = join(lab.folder, "pipe");
    const reader = (await lab.namespace("reader")).spawn("sh", [
      ...["-c", 'mkfifo "$0" && echo made && exec cat "$0"', pipe],
    ]);
    await waitFor("the pipe", 30_000, () => reader.lines.includes("made"));
    const prefix = ["sh", "-c", 'exec "$@" >"$0" 2>&1', pipe];
    const scene = await Scene.open(lab, { prefix });
    await scene.mustBan("192.0.2.1");
    await using flood = new Flood(scene);
    // The first packets fill the tables and warm the program, whoever reads its lines.
    await waitFor("a flood that is told", 60_000, () => flood.packets >= WARM_PACKETS);
    const before = scene.footprint("guard");

    reader.signal("SIGKILL");
    await reader.ended;
    await waitFor("a flood to be told to nobody", 60_000, () => {
      return flood.packets >= 2 * WARM_PACKETS;
    });
    const hasEnded = scene.guard.process.isOver;
    await scene.checkKernel();
    if (hasEnded) await scene.restart({ prefix: [] });
    else await scene.mustBan("192.0.2.2");
    await flood.stop();
    await scene.check();
    await scene.stillGuards();

    const growth = hasEnded ? "" : `; ${await scene.checkGrowth("guard", before)}`;
    return `${hasEnded ? "ended and started again" : "went on"}; ${scene.promises} bans all there${growth}`;
  },
};
