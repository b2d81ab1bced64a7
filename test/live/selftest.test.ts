/** `vedette selftest` on this very machine: what it proves, that it can fail, and what it leaves. */
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { networkOf, processesIn } from "../../src/daemon/private-network/network-processes.ts";
import type { SelftestReport } from "../../src/daemon/selftest/answer-selftest.ts";
import { describeLive } from "../support/live.ts";
import { LiveProcess } from "../support/live-process.ts";
import { VEDETTE } from "../support/programs.ts";
import { waitFor } from "../support/wait-for.ts";

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended.
    return "";
  }
}

/** Every process that this one has started, and those that these have. */
function descendantsOf(pid: number): number[] {
  const children = readText(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** What a self-test has made. */
interface Made {
  readonly networks: readonly string[];
  readonly folder: string;
}

/** Waits until it starts its guard. @returns what there is to be taken away by then. */
async function untilGuardStarts(selftest: LiveProcess): Promise<Made> {
  const pids = await waitFor(
    () => `the guard of the self-test; its output:\n${selftest.output}`,
    30_000,
    () => {
      const found = descendantsOf(selftest.pid);
      return found.some((pid) => wordsOf(pid).includes("guard")) && found;
    },
  );
  const networks = new Set(pids.map((pid) => networkOf(pid) ?? ""));
  const folder = pids.flatMap(wordsOf).find((word) => /\/vedette-selftest-[^/]+$/.test(word));
  expect([...networks]).not.toContain(networkOf("self"));
  expect(networks.size).toBe(2);
  if (folder === undefined) throw new Error("the self-test has no folder");
  expect(existsSync(folder)).toBe(true);
  return { networks: [...networks], folder };
}

function wordsOf(pid: number): string[] {
  return readText(`/proc/${pid}/cmdline`).split("\0");
}

describeLive("selftest", [], () => {
  it.concurrent("passes each of its steps here, and says what was seen", async () => {
    const { status, stdout } = await new LiveProcess(VEDETTE, ["selftest", "--json"]).ended;

    const report = JSON.parse(stdout) as SelftestReport;
    expect(report.steps.filter((step) => step.status !== "passed")).toEqual([]);
    expect(report.steps.map(({ name }) => name)).toEqual([
      ...["network", "guard", "served", "sensed", "held", "judged", "banned", "dropped"],
      ...["unbanned", "expired", "stopped", "cleaned"],
    ]);
    expect(report.steps.every(({ seen }) => seen !== "")).toBe(true);
    expect({ status, verdict: report.status }).toEqual({ status: 0, verdict: "passed" });
  });

  it.concurrent("passes over what the configuration does not ask for", async () => {
    const words = ["selftest", "--json", "--set", "HOLD_AFTER=off"];

    const { status, stdout } = await new LiveProcess(VEDETTE, words).ended;

    const { steps } = JSON.parse(stdout) as SelftestReport;
    expect(steps.filter((step) => step.status !== "passed")).toMatchObject([
      { name: "held", status: "skipped", seen: "not asked for: HOLD_AFTER is off" },
    ]);
    expect(status).toBe(0);
  });

  it.concurrent("fails the step that is broken, and ends with 1", async () => {
    const words = ["selftest", "--json", "--set", "ADVANCED_EXCLUDE_TCP=1001"];

    const { status, stdout } = await new LiveProcess(VEDETTE, words).ended;

    const { steps } = JSON.parse(stdout) as SelftestReport;
    const { name, seen } = steps.find((step) => step.status === "failed") ?? {};
    expect(name).toBe("sensed");
    expect(seen).toContain("no report of tcp 1001 from 192.0.2.66");
    expect(status).toBe(1);
  });

  it.each([
    { signal: "SIGINT", ended: 130 },
    { signal: "SIGKILL", ended: 137 },
  ] as const)("leaves nothing behind when $signal ends it midway", async ({ signal, ended }) => {
    const selftest = new LiveProcess(VEDETTE, ["selftest"]);
    const { networks, folder } = await untilGuardStarts(selftest);

    selftest.signal(signal);

    expect((await selftest.ended).status).toBe(ended);
    await waitFor("an end of all that the self-test has made", 10_000, () => {
      return networks.every((network) => processesIn(network).length === 0) && !existsSync(folder);
    });
  });
});
