/**
 * `npm run fuzz [-- TARGET...] [--minutes N] [--seed N] [--path P] [--findings FOLDER]`
 *
 * Feeds each target inputs until its time is over or one breaks a promise. Prints how many went in;
 * a finding is printed and kept in a file with the seed and the path that make it again. Exit
 * status: 0 nothing found, 1 found, 2 the command line is wrong.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Finding, FuzzTarget } from "./target.ts";
import { FUZZ_TARGETS } from "./targets/all.ts";

/** Inputs between two looks at the clock. */
const BATCH = 50;
const PROGRESS_MS = 5000;
/** A target that needs more has a leak, or makes values without a bound. */
const MOST_RSS_MIB = 1500;

interface Order {
  readonly targets: readonly FuzzTarget[];
  readonly minutes: number;
  readonly seed: number;
  readonly path: string | undefined;
  readonly folder: string | undefined;
}

const print = (line: string) => process.stdout.write(`${line}\n`);
const rssMib = () => Math.round(process.memoryUsage.rss() / 1_048_576);

function parseOrder(): Order | string {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      path: { type: "string" },
      findings: { type: "string" },
    },
  });
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  if (!(minutes > 0 && minutes <= 10_000)) return `--minutes ${values.minutes}: above 0, to 10000`;
  if (!Number.isSafeInteger(seed)) return `--seed ${values.seed}: an integer`;
  const known = FUZZ_TARGETS.map(({ name }) => name);
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) return `no target "${unknown}"; there are ${known.join(", ")}`;
  const targets = FUZZ_TARGETS.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  return { targets, minutes, seed, path: values.path, folder: values.findings };
}

/** @returns how many inputs went in, and what was found. */
async function fuzz(target: FuzzTarget, order: Order): Promise<Finding | undefined> {
  const startMs = performance.now();
  const endMs = startMs + order.minutes * 60_000;
  let inputs = 0;
  let toldMs = startMs;
  let { seed } = order;
  print(`${target.name}: seed ${seed}, ${order.minutes} min`);
  for (let now = startMs; now < endMs; now = performance.now()) {
    const path = order.path === undefined ? {} : { path: order.path };
    const run = await target.run({ seed, inputs: BATCH, ...path });
    inputs += run.inputs;
    if (run.finding !== undefined || order.path !== undefined) {
      print(`${target.name}: ${inputs} inputs, ${run.finding === undefined ? "none" : "1"} found`);
      return run.finding;
    }
    if (rssMib() > MOST_RSS_MIB) {
      const error = new Error(`${rssMib()} MiB are in use, above ${MOST_RSS_MIB}`);
      return { seed, path: "", input: "all of this run", error };
    }
    if (now - toldMs >= PROGRESS_MS) {
      toldMs = now;
      print(`${target.name}: ${inputs} inputs in ${seconds(now - startMs)}, ${rssMib()} MiB`);
    }
    seed = (seed + 1) % 2 ** 31;
  }
  const took = seconds(performance.now() - startMs);
  print(`${target.name}: ${inputs} inputs in ${took}, ${rssMib()} MiB, none found`);
  return undefined;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function keep(target: FuzzTarget, finding: Finding, givenFolder: string | undefined): void {
  const folder = givenFolder ?? mkdtempSync(join(tmpdir(), "vedette-fuzz-"));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${target.name}-${finding.seed}.txt`);
  const { error } = finding;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.stack : "";
  const again = `npm run fuzz -- ${target.name} --seed ${finding.seed} --path ${finding.path}`;
  const text = `${why}\n${cause}\n\nagain: ${again}\n\ninput:\n${finding.input}\n`;
  writeFileSync(file, text);
  print(`${text.slice(0, 4000)}\nkept in ${file}`);
}

async function main(): Promise<number> {
  const order = parseOrder();
  if (typeof order === "string") {
    process.stderr.write(`fuzz: ${order}\n`);
    return 2;
  }
  let status = 0;
  for (const target of order.targets) {
    const finding = await fuzz(target, order);
    if (finding === undefined) continue;
    keep(target, finding, order.folder);
    status = 1;
  }
  return status;
}

process.exitCode = await main();
