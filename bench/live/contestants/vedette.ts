/**
 * Vedette as a package runs it, compiled, with its defaults.
 *
 * What it was given is what its kernel table reported: probes, those that were lost, and those it
 * could not decode.
 */
import { join } from "node:path";
import { VERSION } from "../../../src/version.ts";
import { Guard } from "../../../test/support/guard.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { meanMs } from "../exposition.ts";
import { POLL_MS, READY_MS } from "../tools.ts";
import type { Contestant } from "./contestant.ts";
import { bytesBelow } from "./written.ts";

export const VEDETTE: Contestant = {
  id: "vedette",
  title: "Vedette",
  setting: "`vedette guard` of this checkout, compiled as in its packages, without a configuration",
  convictsAfter: 4,
  version: async () => VERSION,
  async start(lab, { target }, { program }) {
    const startAtMs = performance.now();
    const guard = await Guard.launch(lab, target.namespace, { program });
    await waitFor(
      () => `Vedette to be ready:\n${guard.process.output}`,
      READY_MS,
      () => {
        if (guard.process.isOver) throw new Error(`Vedette ended:\n${guard.process.output}`);
        return guard.process.output.includes(' ready"');
      },
      POLL_MS,
    );
    return {
      api: guard,
      startMs: performance.now() - startAtMs,
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
        const bans = await guard.bans();
        const forLong = bans.filter(({ since, until }) => !isShort(since, until)).length;
        return { sources: bans.length, forLong };
      },
      meanBanMs: async () => meanMs(await metricsOf(guard), "vedette_ban_seconds"),
    };
  },
};

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
