/** The command line of the benchmark. Pure. */
import { parseArgs } from "node:util";
import { CONTESTANTS } from "./contestants/all.ts";
import type { Contestant } from "./contestants/contestant.ts";
import type { Row, Settings } from "./row.ts";
import { ROWS } from "./rows/all.ts";
import { QUICK_PORTS } from "./rows/leak.ts";

export interface BenchRequest {
  readonly isHelp: boolean;
  readonly contestants: readonly Contestant[];
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly settings: Settings;
  /** Files to write. */
  readonly json: string | undefined;
  readonly page: string | undefined;
  /** Results of an earlier run to compare with. */
  readonly check: string | undefined;
  /** Results of an earlier run of which the page is made; nothing is measured. */
  readonly redraw: string | undefined;
}

const ROUNDS = 5;
const SETTINGS: Settings = { seconds: 3, scans: 2, mostBans: 1_000_000 };
const QUICK_ROUNDS = 1;
const QUICK: Settings = { seconds: 1, scans: 1, mostBans: 1000, isQuick: true };
/** Others take longer than two minutes allow. */
const QUICK_ROWS = [
  ...["start", "idle", "new-connections", "requests", "throughput"],
  ...["shut-out", "ban-delay", "flood", "leak"],
];
/** A run of a night. */
const MAX_ROUNDS = 100;

const LONG_ROWS = ROWS.filter(({ isLong }) => isLong).map(({ name }) => name);

export const USAGE = `Measures Vedette beside no guard and beside its peers, on this machine, in network namespaces.

npm run bench -- [--quick] [--rounds N] [--only ROW,...] [--contestants ID,...]
                 [--json FILE] [--out FILE] [--check FILE]
npm run bench -- --redraw FILE [--out FILE]

  --quick              at most two minutes, to see that it works: one round, shorter, with ${QUICK_ROWS.length} of the
                       rows, unless --only names others
  --rounds N           1 to ${MAX_ROUNDS}, ${ROUNDS} without it; of these, rows that take long have the first and every
                       second one
  --only ROW,...       of ${wrapped(ROWS.map(({ name }) => name))}
                       long ones are ${wrapped(LONG_ROWS)}
  --contestants ID,... of ${CONTESTANTS.map(({ id }) => id).join(", ")}
  --json FILE          writes the results there
  --out FILE           writes the page there, instead of printing it
  --check FILE         compares ratios with these results of an earlier run; the exit status is 1 when
                       one lost more than 10 %, and quartiles do not meet
  --redraw FILE        makes the page of these results, and measures nothing

Debian packages that it needs are installed; the peers' own are only unpacked, into a temporary
folder. PORTSENTRY2=PATH names the program of a PortSentry 2.x that plays as well. Measuring needs
root; nothing of the machine's network changes, and Ctrl-C takes away what was made.

  sudo npm run bench -- --quick
  sudo npm run bench -- --only new-connections,throughput --contestants none,vedette
  sudo npm run bench -- --out docs/BENCHMARKS.md --json docs/benchmarks.json
  sudo npm run bench:check
  npm run bench -- --redraw docs/benchmarks.json --out docs/BENCHMARKS.md`;

/** Names in lines of the usage. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > 66) lines.push(name);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return lines.join(`,\n${" ".repeat(23)}`);
}

/** @returns what is asked for, or a sentence that says what cannot be. */
export function parseRequest(args: readonly string[]): BenchRequest | string {
  try {
    return readRequest(args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @throws {Error} when something is asked for that there is not. */
function readRequest(args: readonly string[]): BenchRequest {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      contestants: { type: "string" },
      json: { type: "string" },
      out: { type: "string" },
      check: { type: "string" },
      redraw: { type: "string" },
    },
  });
  const { redraw, out, quick, ...others } = values;
  const other = Object.keys(others).find((name) => name !== "help" && name in values);
  if (redraw !== undefined && (other !== undefined || quick)) {
    throw new Error(`--redraw measures nothing: it has no use for --${other ?? "quick"}`);
  }
  const rounds = Number(values.rounds ?? (quick ? QUICK_ROUNDS : ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) {
    throw new Error(`--rounds ${values.rounds}: a whole number from 1 to ${MAX_ROUNDS}`);
  }
  const rows = pick(ROWS, values.only, ({ name }) => name);
  return {
    isHelp: values.help,
    contestants: pick(CONTESTANTS, values.contestants, ({ id }) => id),
    rows:
      quick && values.only === undefined
        ? rows.filter(({ name }) => QUICK_ROWS.includes(name))
        : rows,
    rounds,
    settings: quick ? QUICK : SETTINGS,
    json: values.json,
    page: out,
    check: values.check,
    redraw,
  };
}

/** What --quick does not do, in sentences; none without it. Rows that were named are no news. */
export function leftOut({ settings, rows, rounds }: BenchRequest): string[] {
  if (settings.isQuick !== true) return [];
  const isOwnChoice = rows.map(({ name }) => name).join() === QUICK_ROWS.join();
  const missing = isOwnChoice ? ROWS.filter((row) => !rows.includes(row)) : [];
  const names = missing.map(({ name }) => name).join(", ");
  return [
    `quick: ${rounds === 1 ? "one round" : `${rounds} rounds`}, ${settings.seconds} s of traffic for a number, one scan of ${QUICK_PORTS.toLocaleString("en")} ports: these numbers say little`,
    ...(names === "" ? [] : [`left out: ${names}`]),
  ];
}

/** Those of all that are named, in their order. @throws {Error} naming one that there is not. */
export function pick<Item>(
  all: readonly Item[],
  names: string | undefined,
  nameOf: (item: Item) => string,
): readonly Item[] {
  if (names === undefined) return all;
  const wanted = names.split(",");
  const unknown = wanted.find((name) => !all.some((item) => nameOf(item) === name));
  if (unknown !== undefined) {
    throw new Error(`there is no ${unknown}; there are ${all.map(nameOf).join(", ")}`);
  }
  return all.filter((item) => wanted.includes(nameOf(item)));
}
