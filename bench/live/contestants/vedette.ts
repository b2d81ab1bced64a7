/**
 * Vedette as a package runs it, compiled, with its defaults.
 *
 * What it was given is what its kernel table reported: probes, those that were lost, and those it
 * could not decode.
 */
import { join } from "node:path";
import type { BanView, OutcomeView } from "../../../src/api/contract.ts";
import { ApiOperator } from "../../../src/cli/api-client.ts";
import { VERSION } from "../../../src/version.ts";
import { Guard, type GuardOptions } from "../../../test/support/guard.ts";
import { writeManyBans } from "../../../test/support/many-bans.ts";
import type { Lab, Namespace } from "../../../test/support/namespaces.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { ask } from "../ask.ts";
import { meanMs } from "../exposition.ts";
import { POLL_MS, READY_MS } from "../tools.ts";
import type { Contestant, RunningGuard } from "./contestant.ts";
import { bytesBelow } from "./written.ts";

/** The ban that the others are copies of: of an address that nobody has. */
const FIRST_BAN = "198.51.100.99";

/** Of a list that is asked for without a limit. */
const LISTED_BANS = 1000;

/** The most that the API lists at once. */
const LONGEST_LIST = 10_000;

/** Longest wait until bans stand, and between two looks whether they do. Milliseconds. */
const LOAD_MS = 120_000;
const LOOK_MS = 10;

export const VEDETTE: Contestant = {
  id: "vedette",
  title: "Vedette",
  setting: "`vedette guard` of this checkout, compiled as in its packages, without a configuration",
  convictsAfter: 4,
  version: async () => VERSION,
  async start(lab, { target }, { program }) {
    const beganAtMs = performance.now();
    const guard = await launch(lab, target.namespace, { program });
    return runningOf(guard, performance.now() - beganAtMs);
  },
  mostBans: 1_000_000,
  async startWithBans(lab, { target }, { program }, bans) {
    const before = await launch(lab, target.namespace, { program });
    // All of them are copies of this one.
    await before.ask("ban", FIRST_BAN);
    await before.stop();
    writeManyBans(before, bans);
    const beganAtMs = performance.now();
    const guard = await launch(lab, target.namespace, { program, after: before });
    const startMs = performance.now() - beganAtMs;
    await waitFor("all bans", LOAD_MS, async () => (await guard.status()).banned > bans, LOOK_MS);
    const loadMs = performance.now() - beganAtMs;
    const operator = new ApiOperator(join(guard.folder, "run/api.sock"));
    return {
      running: runningOf(guard, startMs),
      loadMs,
      ban: async (address) => checkApplied(await operator.ban({ address })),
      unban: async (address) => checkApplied(await operator.unban(address)),
      list: async () => void (await operator.bans(LISTED_BANS, undefined)),
    };
  },
};

/** Resolves when it says that it is ready. */
async function launch(lab: Lab, namespace: Namespace, options: GuardOptions): Promise<Guard> {
  const guard = await Guard.launch(lab, namespace, options);
  await waitFor(
    () => `Vedette to be ready:\n${guard.process.output}`,
    READY_MS,
    () => {
      if (guard.process.isOver) throw new Error(`Vedette ended:\n${guard.process.output}`);
      return guard.process.output.includes(' ready"');
    },
    POLL_MS,
  );
  return guard;
}

/** @throws {Error} when the guard has not done it. */
function checkApplied({ address, status }: OutcomeView): void {
  if (status !== "applied") throw new Error(`${address}: ${status}`);
}

function runningOf(guard: Guard, startMs: number): RunningGuard {
  return {
    api: guard,
    startMs,
    pids: () => [guard.pid("broker"), guard.pid("guard")].filter((pid) => pid !== undefined),
    async packets() {
      const { probes, lost, malformed } = await guard.status();
      return probes + lost + malformed;
    },
    async tally() {
      const { probes, malformed, unlogged, lost } = await guard.status();
      return { seen: probes + malformed, limited: unlogged, lost };
    },
    writtenBytes: () =>
      Buffer.byteLength(guard.process.output) + bytesBelow(join(guard.folder, "state")),
    async shutOut() {
      const { banned } = await guard.status();
      const path = `/v1/bans?limit=${LONGEST_LIST}`;
      const bans = (await ask(join(guard.folder, "run/api.sock"), { path })) as BanView[];
      const forLong = bans.filter(({ since, until }) => !isShort(since, until)).length;
      return { sources: banned, forLong };
    },
    shutOutCount: async () => (await guard.status()).banned,
    held: async () => (await guard.status()).held,
    meanBanMs: async () => meanMs(await metricsOf(guard), "vedette_ban_seconds"),
  };
}

/** A minute, and what the journal's time may differ from the kernel's. Milliseconds. */
const SHORT_MS = 61_000;

function isShort(since: string, until: string | null): boolean {
  return until !== null && Date.parse(until) - Date.parse(since) <= SHORT_MS;
}

/** Everything that the guard counts, as Prometheus is told it. */
async function metricsOf(guard: Guard): Promise<string> {
  const socket = join(guard.folder, "run/api.sock");
  return guard.namespace.run("curl", ["-sS", "--unix-socket", socket, "http://localhost/metrics"]);
}
