/** The command line of the benchmark. Pure. */
import { parseArgs } from "node:util";
import { CONTESTANTS } from "./contestants/all.ts";
import type { Contestant } from "./contestants/contestant.ts";
import type { Row, Settings } from "./row.ts";
import { ROWS } from "./rows/all.ts";

export interface BenchRequest {
  readonly contestants: readonly Contestant[];
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly settings: Settings;
  /** Files to write. */
  readonly json: string | undefined;
  readonly page: string | undefined;
  /** Results of an earlier run to compare with. */
  readonly check: string | undefined;
}

const ROUNDS = 5;
const SETTINGS: Settings = { seconds: 3, scans: 2, mostBans: 1_000_000 };
const QUICK = { rounds: 1, settings: { seconds: 2, scans: 1, mostBans: 1000 } };
/** A run of a night. */
const MAX_ROUNDS = 100;

export const USAGE = `npm run bench -- [--quick] [--rounds N] [--only ROW,...] [--contestants ID,...]
                 [--json FILE] [--out FILE] [--check FILE]
  rows: ${ROWS.map(({ name }) => name).join(", ")}
  contestants: ${CONTESTANTS.map(({ id }) => id).join(", ")}`;

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
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      contestants: { type: "string" },
      json: { type: "string" },
      out: { type: "string" },
      check: { type: "string" },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? QUICK.rounds : ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) {
    throw new Error(`--rounds ${values.rounds}: a whole number from 1 to ${MAX_ROUNDS}`);
  }
  return {
    contestants: pick(CONTESTANTS, values.contestants, ({ id }) => id),
    rows: pick(ROWS, values.only, ({ name }) => name),
    rounds,
    settings: values.quick ? QUICK.settings : SETTINGS,
    json: values.json,
    page: values.out,
    check: values.check,
  };
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
