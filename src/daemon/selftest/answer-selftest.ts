/**
 * Carries out `vedette selftest`: a private network, the real guard in it, a scan, and an end.
 *
 * What is made is taken away again whatever happens: after a failed step, an interruption, or a
 * fault of the test itself. Nothing is done to this machine's own network, and the guard that may
 * be running here is neither asked nor told.
 */

import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../clock.ts";
import { type Configuration, requireConfiguration } from "../../config/load.ts";
import { counted } from "../../counted.ts";
import { OperationalError } from "../../errors.ts";
import { VERSION } from "../../version.ts";
import { openPrivateNetwork, type PrivateNetwork } from "../private-network/private-network.ts";
import type { SelftestReport, SelftestStep } from "./report.ts";
import { Scene } from "./scene.ts";
import { STEP_PLANS, type StepOutcome, type StepPlan, TEST_KEYS } from "./steps.ts";
import { GUARD_LOG, TestedGuard } from "./tested-guard.ts";

/** What the command shows. */
export type { SelftestReport, SelftestStep };

/** The whole test may take so long on a machine that is very busy. Milliseconds. */
const LIMIT_MS = 90_000;

export interface SelftestRequest {
  /** Keys that the guard is started with besides, by name. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Leave the folder with the guard's output. */
  readonly keeps: boolean;
  /** Called with each step as soon as it is done. */
  readonly onStep: (step: SelftestStep) => void;
  /** Aborted when somebody interrupts the test; what was made is taken away all the same. */
  readonly signal: AbortSignal;
}

/**
 * @throws {OperationalError} ERR_CONFIG_INVALID for a key that does not fit, ERR_PERMISSION or
 *   ERR_UNAVAILABLE when no private network, or no nftables in it, can be had.
 */
export async function answerSelftest(request: SelftestRequest): Promise<SelftestReport> {
  const startedAtMs = systemClock.monotonicMs();
  const folder = makeFolder();
  const steps: SelftestStep[] = [];
  const take = (step: SelftestStep): void => {
    steps.push(step);
    request.onStep(step);
  };
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(LIMIT_MS)]);
  let network: PrivateNetwork | undefined;
  let guard: TestedGuard | undefined;
  let isCleaned = false;
  const clean = async (): Promise<StepOutcome> => {
    isCleaned = true;
    guard?.close();
    const left = (await network?.close()) ?? 0;
    if (!request.keeps) rmSync(folder, { recursive: true, force: true });
    if (left > 0)
      return { status: "failed", seen: `${counted(left, "process", "processes")} cannot be ended` };
    return { status: "passed", seen: "processes, networks and files are gone" };
  };
  try {
    const { values } = writeConfiguration(folder, request.overrides);
    network = await openCheckedNetwork(folder, take);
    guard = new TestedGuard(network.target, folder, request.overrides);
    const scene = new Scene({ network, guard, signal });
    for (const plan of STEP_PLANS) {
      const unasked = plan.unasked?.(values);
      take(
        unasked === undefined
          ? await runStep(plan, scene, steps, signal)
          : { name: plan.name, status: "skipped", seen: `not asked for: ${unasked}`, seconds: 0 },
      );
    }
    take(await timed("cleaned", clean));
  } finally {
    if (!isCleaned) await clean();
  }
  const hasFailed = steps.some(({ status }) => status === "failed");
  const isInterrupted = request.signal.aborted;
  return {
    status: isInterrupted ? "interrupted" : hasFailed ? "failed" : "passed",
    version: VERSION,
    kernel: release(),
    seconds: secondsSince(startedAtMs),
    steps,
    health: guard.problems(),
    kept: request.keeps ? join(folder, GUARD_LOG) : null,
  };
}

/** Memory where there is such a place: it is gone with the next start of the machine at the latest. */
function makeFolder(): string {
  const parent = statSync("/run", { throwIfNoEntry: false })?.isDirectory() ? "/run" : tmpdir();
  const folder = mkdtempSync(join(parent, "vedette-selftest-"));
  // The guard's unprivileged half has to reach its journal below it.
  chmodSync(folder, 0o755);
  return folder;
}

/** @throws {OperationalError} ERR_CONFIG_INVALID for a key that does not fit. */
function writeConfiguration(
  folder: string,
  overrides: SelftestRequest["overrides"],
): Configuration {
  const path = join(folder, "vedette.conf");
  const ignorePath = join(folder, "vedette.ignore");
  const keys = { ...TEST_KEYS, IGNORE_FILE: ignorePath };
  const lines = Object.entries(keys).map(([key, value]) => `${key}="${value}"\n`);
  writeFileSync(path, lines.join(""));
  writeFileSync(ignorePath, "");
  return requireConfiguration({ path, overrides });
}

/**
 * The network, in which nftables answers.
 * @throws {OperationalError} where this machine cannot have one: then nothing was tested.
 */
async function openCheckedNetwork(
  folder: string,
  take: (step: SelftestStep) => void,
): Promise<PrivateNetwork> {
  const startedAtMs = systemClock.monotonicMs();
  const network = await openPrivateNetwork(folder);
  try {
    const listing = await network.target.ask("nft", { commands: "list tables" });
    if (listing.status === "failed") throw new OperationalError("ERR_UNAVAILABLE", listing.reason);
  } catch (error) {
    await network.close();
    throw error;
  }
  const seen = `two network namespaces and a cable: ${network.first.target}, ${network.first.scanner}`;
  take({ name: "network", status: "passed", seen, seconds: secondsSince(startedAtMs) });
  return network;
}

/** A step that builds on a failed one, and every one after an interruption, is skipped. */
async function runStep(
  { name, needs, run }: StepPlan,
  scene: Scene,
  done: readonly SelftestStep[],
  signal: AbortSignal,
): Promise<SelftestStep> {
  const missing = needs.filter(
    (need) => done.find((step) => step.name === need)?.status !== "passed",
  );
  if (signal.aborted) return { name, ...abortedStep(signal), seconds: 0 };
  if (missing.length > 0) {
    const seen = `it builds on "${missing.join('" and "')}"`;
    return { name, status: "skipped", seen, seconds: 0 };
  }
  return timed(name, async () => {
    try {
      return await run(scene);
    } catch (error) {
      if (signal.aborted) return abortedStep(signal);
      if (!(error instanceof OperationalError)) throw error;
      return { status: "failed", seen: error.message };
    }
  });
}

/** Who interrupts has seen enough; a test that takes too long has failed. */
function abortedStep(signal: AbortSignal): StepOutcome {
  const isLate = (signal.reason as Error).name === "TimeoutError";
  return isLate
    ? { status: "failed", seen: `the whole test has taken ${LIMIT_MS / 1000} s` }
    : { status: "skipped", seen: "interrupted" };
}

async function timed(
  name: SelftestStep["name"],
  run: () => Promise<StepOutcome>,
): Promise<SelftestStep> {
  const startedAtMs = systemClock.monotonicMs();
  const outcome = await run();
  return { name, ...outcome, seconds: secondsSince(startedAtMs) };
}

/** To the millisecond. */
function secondsSince(startedAtMs: number): number {
  return Math.round(systemClock.monotonicMs() - startedAtMs) / 1000;
}
