/**
 * Measures the memory of both processes of a real guard, in namespaces of its own:
 *
 *   node scripts/measure-memory.ts [--program FILE] [--bans N] [--sources N] [STATE ...]
 *
 * States: idle, sources, bans, both; all of them without an argument, each with a guard of its own.
 * "sources": so many have probed four ports each, and twice as many come as fit into the guard's
 * memory by default. "bans": so many were brought back from the journal into an empty kernel.
 * FILE is the `vedette` that is started, without it the checkout's; what a package has installed is
 * compiled, and smaller. Needs root. Read after {@link QUIET_MS} in which next to nothing was done.
 */
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  anonymousBytes,
  cpuSeconds,
  peakBytes,
  proportionalBytes,
  residentBytes,
} from "../bench/live/processes.ts";
import { Scene } from "../test/faults/scene.ts";
import { forge } from "../test/support/forge.ts";
import type { GuardOptions } from "../test/support/guard.ts";
import { writeManyBans } from "../test/support/many-bans.ts";
import { Lab } from "../test/support/namespaces.ts";
import { waitFor } from "../test/support/wait-for.ts";

const STATES = ["idle", "sources", "bans", "both"];
const HALVES = ["guard", "broker"] as const;

/** Nobody serves them. */
const PORTS = [1001, 2002, 3003, 4004];
/** What a busy machine takes without a loss. */
const PROBES_A_SECOND = 4000;
/** Sources of one sender's process. */
const ROUND = 8192;
const PATIENCE_MS = 900_000;

/** The engine gives memory back a while after it was last busy. */
const QUIET_MS = 25_000;
/** CPU seconds of both processes in a quiet while: they ask each other every second. */
const QUIET_SECONDS = 0.3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    program: { type: "string" },
    bans: { type: "string", default: "1000000" },
    sources: { type: "string", default: "131072" },
  },
});
const unknown = positionals.find((state) => !STATES.includes(state));
if (unknown !== undefined) throw new Error(`no state "${unknown}"; there are ${STATES.join(", ")}`);
const bans = Number(values.bans);
const sources = Number(values.sources);
const program: GuardOptions = values.program === undefined ? {} : { program: values.program };

/** Has the guard start with all bans in its journal and none in the kernel. */
async function bringBack(scene: Scene): Promise<void> {
  await scene.mustBan("192.0.2.1");
  await scene.guard.stop();
  await scene.network.target.namespace.run("nft", ["flush", "ruleset"]);
  writeManyBans(scene.guard, bans);
  const since = performance.now();
  await scene.restart({}, PATIENCE_MS);
  const { banned } = await scene.guard.status();
  if (banned !== bans + 1) throw new Error(`${banned} bans in the kernel, not ${bans + 1}`);
  process.stderr.write(`brought back in ${Math.round((performance.now() - since) / 1000)} s\n`);
}

async function probe(scene: Scene): Promise<void> {
  const before = await scene.guard.status();
  let sent = 0;
  for (let first = 0; first < sources; first += ROUND) {
    sent += await forge(scene.network.hosts.forger.namespace, {
      from: `10.${1 + (first >> 16)}.${(first >> 8) & 255}.${first & 255}`,
      sources: Math.min(ROUND, sources - first),
      to: scene.network.target.ipv4,
      ports: PORTS,
      perSecond: PROBES_A_SECOND,
    });
  }
  await waitFor("all probes at the guard", PATIENCE_MS, async () => {
    const { probes, dropped, lost, unlogged } = await scene.guard.status();
    const seen = probes + dropped + lost + unlogged;
    return seen - before.probes - before.dropped - before.lost - before.unlogged >= sent;
  });
}

/** The processes of a guard once they have next to nothing to do. */
async function quiet(scene: Scene): Promise<Record<(typeof HALVES)[number], number>> {
  const pidOf = (half: (typeof HALVES)[number]) => scene.guard.pid(half) ?? 0;
  const pids = { guard: pidOf("guard"), broker: pidOf("broker") };
  for (;;) {
    const before = cpuSeconds(Object.values(pids));
    await pause(QUIET_MS);
    if (cpuSeconds(Object.values(pids)) - before < QUIET_SECONDS) return pids;
  }
}

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0).padStart(5);

async function measure(state: string): Promise<void> {
  await using lab = await Lab.open();
  const scene = await Scene.open(lab, program);
  if (state === "bans" || state === "both") await bringBack(scene);
  if (state === "sources" || state === "both") await probe(scene);
  const pids = await quiet(scene);
  for (const [who, which] of [
    ...HALVES.map((half) => [half, [pids[half]]] as const),
    ["both", Object.values(pids)] as const,
  ]) {
    const numbers = [residentBytes, anonymousBytes, proportionalBytes, peakBytes].map((of) =>
      of(which),
    );
    process.stdout.write(
      `${state.padEnd(8)} ${who.padEnd(6)} ${numbers.map(mebibytes).join(" ")}\n`,
    );
  }
}

process.stdout.write("state    who      RSS  anon   PSS  peak  (MiB)\n");
for (const state of positionals.length > 0 ? positionals : STATES) await measure(state);
process.exit();
