/**
 * npm run faults: does to a guard what goes wrong on real machines, one fault after the other, each
 * in namespaces of its own, and ends with a table of what was promised and what was seen.
 *
 * Options: --only NAME plays one; --quick takes a few minutes; --full also plays what is left out
 * otherwise; --json prints the rows instead; --seed N repeats the draws of an earlier run. Exit
 * status: 0, or 1 when a promise was broken, 64 for a wrong option, 77 without root, 130 after
 * Ctrl-C. What it has made is gone in each case.
 */
import { parseArgs } from "node:util";
import { Random } from "../../bench/traffic/random.ts";
import { Lab } from "../support/namespaces.ts";
import { FAULTS } from "./all.ts";
import type { Fault, Scope } from "./fault.ts";
import { formatTable, type Row } from "./report.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function leave(status: number, reason: string): never {
  say(reason);
  process.exit(status);
}

/** Plays it within its time; the lab is taken down in any case, and so ends what still runs in it. */
async function playWithin(fault: Fault, scope: Scope): Promise<string> {
  await using lab = await Lab.open();
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`not over after ${fault.limitMs / 1000} s`));
  }, fault.limitMs);
  const playing = fault.play(lab, scope);
  // After its time is over, nobody asks what became of it.
  playing.catch(() => undefined);
  try {
    return await Promise.race([playing, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

async function rowOf(fault: Fault, scope: Scope): Promise<Row> {
  const { name, promised } = fault;
  const row = { fault: name, done: fault.done(scope), promised };
  const reason = fault.skipReason?.(scope);
  if (reason !== undefined) return { ...row, seen: reason, outcome: "skipped", seconds: 0 };
  const startedAtMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedAtMs) / 1000);
  try {
    const seen = await playWithin(fault, scope);
    return { ...row, seen, outcome: "ok", seconds: seconds() };
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    return { ...row, seen, outcome: "FAIL", seconds: seconds() };
  }
}

const chosen = FAULTS.filter(({ name }) => options.only === undefined || name === options.only);
if (chosen.length === 0) {
  leave(64, `--only: there is no fault "${options.only}"; ${FAULTS.map((f) => f.name).join(", ")}`);
}
if (!/^\d+$/.test(options.seed)) leave(64, `--seed: "${options.seed}" is no whole number`);
if (options.quick && options.full) leave(64, "--quick and --full exclude each other");
if (process.getuid?.() !== 0)
  leave(77, "npm run faults needs root: it plays in network namespaces");
// Each lab takes down what it has made when the process exits.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(130));
}

say(`Draws: --seed ${options.seed}`);
const rows: Row[] = [];
for (const fault of chosen) {
  say(`${fault.name} …`);
  const random = new Random(Number(options.seed));
  const row = await rowOf(fault, { isQuick: options.quick, isFull: options.full, random });
  say(`${fault.name}: ${row.outcome}, ${row.seconds} s: ${row.seen}`);
  rows.push(row);
}
process.stdout.write(`${options.json ? JSON.stringify(rows, undefined, 2) : formatTable(rows)}\n`);
process.exit(rows.some(({ outcome }) => outcome === "FAIL") ? 1 : 0);
