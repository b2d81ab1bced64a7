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
import { Progress } from "./progress.ts";
import { parseReasons } from "./reasons.ts";
import { formatReport } from "./report.ts";
import { type BenchRequest, leftOut, parseRequest, USAGE } from "./request.ts";
import type { Results } from "./results.ts";
import type { Measure } from "./row.ts";
import { ROWS } from "./rows/all.ts";
import { runRounds } from "./run.ts";
import { type Peers, unpackPeers } from "./tools.ts";

/** EX_USAGE, EX_NOPERM and EX_DATAERR of sysexits.h; 128 + SIGINT. */
const EXIT = { usage: 64, permission: 77, data: 65, interrupted: 130 };

/** Texts that the page has behind bars which are not met. */
const REASONS = join(import.meta.dirname, "../../docs/benchmarks/reasons.md");

const progress = new Progress();
const say = (line: string): void => progress.say(line);

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
    ...{ rows, rounds, settings, tools, signal, progress },
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
  const lost = comparisons.filter(({ isLost }) => isLost).length;
  if (comparisons.length === 0) say("the two runs have no ratio in common");
  else say(`${comparisons.length} ratios compared: ${lost || "none"} lost`);
  return comparisons.length === 0 || lost > 0 ? 1 : 0;
}

function write(results: Results, file: string | undefined): void {
  const reasons = existsSync(REASONS) ? parseReasons(readFileSync(REASONS, "utf8")) : [];
  const page = formatReport(results, reasons);
  if (file === undefined) {
    process.stdout.write(page);
    return;
  }
  const old = existsSync(file) ? readFileSync(file, "utf8") : "";
  writeFileSync(file, keepGrowth(page, old));
}

/** Numbers are those of then; what is said of them is as it is said now. */
function redraw(file: string, page: string | undefined): number {
  const results = readEarlier(file);
  if (results === undefined) return EXIT.data;
  const measures = ROWS.flatMap((row) => row.measures);
  const sayNow = (then: Measure): Measure => measures.find(({ id }) => id === then.id) ?? then;
  write({ ...results, measures: results.measures.map(sayNow) }, page);
  return 0;
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
  for (const line of leftOut(request)) say(line);
  const aborting = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
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
  if (request.json !== undefined) {
    writeFileSync(request.json, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  // Who compares wants to read that, and not a page.
  if (request.page !== undefined || earlier === undefined) write(results, request.page);
  return earlier === undefined ? 0 : hold(results, earlier);
}

const request = parseRequest(process.argv.slice(2));
if (typeof request === "string") {
  process.stderr.write(`vedette: ${request}\nnpm run bench -- --help says what there is.\n`);
  process.exitCode = EXIT.usage;
} else if (request.isHelp) {
  process.stdout.write(`${USAGE}\n`);
} else if (request.redraw !== undefined) {
  process.exitCode = redraw(request.redraw, request.page);
} else if (process.getuid?.() !== 0) {
  process.stderr.write("vedette: the benchmark makes network namespaces: sudo npm run bench\n");
  process.exitCode = EXIT.permission;
} else {
  process.exitCode = await run(request);
}
