/**
 * Loaded before the program under test: its clocks are off by what a file says, at any time.
 *
 * The file has two numbers of milliseconds: how long the machine was suspended, and by how much its
 * wall clock was set. The host's clocks are never touched. The guard's process is given the same.
 */
import childProcess from "node:child_process";
import { readFileSync } from "node:fs";
import { registerHooks, syncBuiltinESMExports } from "node:module";

const path = process.env["VEDETTE_TEST_CLOCKS"] ?? "";

/** As of the last look: Date.now may not open a file each time. */
let suspendedMs = 0;
let setByMs = 0;

function look(): void {
  [suspendedMs = 0, setByMs = 0] = readFileSync(path, "utf8").split(" ").map(Number);
}

setInterval(look, 50).unref();
look();

const { now } = Date;
Date.now = () => now() + suspendedMs + setByMs;

/** What stands in for the reading of the kernel's clocks. */
(globalThis as { suspendedMs?: () => number }).suspendedMs = () => suspendedMs;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith("/src/kernel/boot-clocks.ts")) return loaded;
    const source = String(loaded.source).replace(
      "boottimeMs: readMs(CLOCK_BOOTTIME)",
      "boottimeMs: readMs(CLOCK_BOOTTIME) + globalThis.suspendedMs()",
    );
    return { ...loaded, source };
  },
});

const { spawn } = childProcess;
childProcess.spawn = ((program: string, args: string[], options: childProcess.SpawnOptions) => {
  const { NODE_OPTIONS } = process.env;
  const env = { ...options.env, NODE_OPTIONS, VEDETTE_TEST_CLOCKS: path };
  return spawn(program, args, { ...options, env });
}) as typeof spawn;
syncBuiltinESMExports();
