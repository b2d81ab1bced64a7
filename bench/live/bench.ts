/**
 * npm run bench: measures Vedette beside no guard and beside other programs, on this machine.
 *
 * Needs root, for network namespaces; nothing of the machine changes. Ctrl-C ends the run, and what
 * it made is taken away: machines in whose making it fell at once after that.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { keepGrowth } from "../growth/page.ts";
import { buildProgram } from "./build-program.ts";
import { compare, formatComparison } from "./compare.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { loadNow, readMachineFacts } from "./machine-facts.ts";
import { formatReport } from "./report.ts";
import { type BenchRequest, parseRequest, USAGE } from "./request.ts";
import type { Results } from "./results.ts";
import { runRounds } from "./run.ts";
import { type Peers, unpackPeers } from "./tools.ts";

/** EX_USAGE, EX_NOPERM and EX_DATAERR of sysexits.h; 128 + SIGINT. */
const EXIT = { usage: 64, permission: 77, data: 65, interrupted: 130 };

const beganAtMs = performance.now();

/** Progress, with the minutes and seconds since the start. */
function say(line: string): void {
  const seconds = Math.round((performance.now() - beganAtMs) / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  process.stderr.write(`${clock.padStart(6)} ${line}\n`);
}

function peersIn(place: string): Peers | undefined {
  try {
    return unpackPeers(place);
  } catch (error) {
    say(`the peers' packages cannot be had: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

async function measure(
  { contestants, rows, rounds, settings }: BenchRequest,
  place: string,
  signal: AbortSignal,
): Promise<Results> {
  const tools = { peers: peersIn(place), program: buildProgram(place) };
  const present: Contestant[] = [];
  const told: Results["contestants"][number][] = [];
  for (const contestant of contestants) {
    const { id, title, setting } = contestant;
    const version = await contestant.version(tools);
    if (version === undefined) {
      say(`${title} is not there, and takes no part`);
      continue;
    }
    present.push(contestant);
    told.push({ id, title, setting, version });
  }
  const facts = readMachineFacts(tools);
  const numbers = await runRounds({
    contestants: present,
    ...{ rows, rounds, settings, tools, signal, say },
  });
  return {
    version: 1,
    machine: { ...facts, loadAfter: loadNow() },
    rounds,
    settings,
    contestants: told,
    measures: rows.flatMap(({ measures }) => measures),
    numbers,
  };
}

/** @returns the exit status. */
function hold(results: Results, earlier: Results): number {
  const comparisons = compare(earlier, results);
  for (const each of comparisons) process.stdout.write(`${formatComparison(each)}\n`);
  if (comparisons.length === 0) say("the two runs have no ratio in common");
  return comparisons.length === 0 || comparisons.some(({ isLost }) => isLost) ? 1 : 0;
}

/** @returns the results of an earlier run; undefined, and that is told: there are none. */
function readEarlier(file: string): Results | undefined {
  try {
    const results = JSON.parse(readFileSync(file, "utf8")) as Results;
    if (results.version === 1) return results;
    say(`${file}: not of this version of the benchmark`);
  } catch (error) {
    say(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  return undefined;
}

async function run(request: BenchRequest): Promise<number> {
  const earlier = request.check === undefined ? undefined : readEarlier(request.check);
  if (request.check !== undefined && earlier === undefined) return EXIT.data;
  if (earlier !== undefined && !isDeepStrictEqual(earlier.settings, request.settings)) {
    say(`${request.check} was made with other settings: with --quick, or without it`);
    return EXIT.data;
  }
  const aborting = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      // A second one does not wait: the labs remove what is theirs when the process ends.
      if (aborting.signal.aborted) process.exit(EXIT.interrupted);
      say("ending; once more to end at once");
      aborting.abort();
    });
  }
  const place = mkdtempSync(join(tmpdir(), "vedette-bench-"));
  // The guard's unprivileged half has to reach its program below this.
  chmodSync(place, 0o755);
  process.once("exit", () => rmSync(place, { recursive: true, force: true }));
  let results: Results;
  try {
    results = await measure(request, place, aborting.signal);
  } catch (error) {
    if (aborting.signal.aborted) return EXIT.interrupted;
    throw error;
  }
  const page = formatReport(results);
  if (request.json !== undefined) {
    writeFileSync(request.json, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  if (request.page === undefined) process.stdout.write(page);
  else {
    const old = existsSync(request.page) ? readFileSync(request.page, "utf8") : "";
    writeFileSync(request.page, keepGrowth(page, old));
  }
  return earlier === undefined ? 0 : hold(results, earlier);
}

const request = parseRequest(process.argv.slice(2));
if (typeof request === "string") {
  process.stderr.write(`${request}\n${USAGE}\n`);
  process.exitCode = EXIT.usage;
} else if (process.getuid?.() !== 0) {
  process.stderr.write("vedette: the benchmark makes network namespaces: sudo npm run bench\n");
  process.exitCode = EXIT.permission;
} else {
  process.exitCode = await run(request);
}
