/**
 * Runs the rounds: in each, every contestant's machine stands, and row after row is measured on all
 * of them, one after the other, in an order that is rotated from row to row and round to round. Long
 * rows have every second round alone.
 *
 * What a row of one contestant throws is told and leaves a gap; the others go on. An abort ends the
 * run at the next number, and the machines are gone before it is told.
 */
import type { Contestant } from "./contestants/contestant.ts";
import type { Progress } from "./progress.ts";
import type { Row, Settings } from "./row.ts";
import { formatLeft, rowsOfRound, stepsOf, TimeLeft } from "./schedule.ts";
import { raiseMachine, type Standing } from "./standing.ts";
import { rotated } from "./statistics.ts";
import type { Tools } from "./tools.ts";

export interface RunRequest {
  readonly contestants: readonly Contestant[];
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly settings: Settings;
  readonly tools: Tools;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** By measure and contestant, a number a round; null: none. */
export type Collected = Record<string, Record<string, (number | null)[]>>;

export async function runRounds(request: RunRequest): Promise<Collected> {
  const { contestants, rows, rounds, signal, progress } = request;
  const time = new TimeLeft(
    stepsOf(
      rows,
      rounds,
      contestants.map(({ id }) => id),
    ),
    request.settings.isQuick,
  );
  const collected: Collected = {};
  for (const { id } of rows.flatMap(({ measures }) => measures)) {
    collected[id] = Object.fromEntries(
      contestants.map((contestant) => [contestant.id, Array(rounds).fill(null)]),
    );
  }
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted();
    const which = `round ${round + 1} of ${rounds}`;
    const left = () => `${formatLeft(time.leftMs)} left`;
    progress.say(`${which}, ${left()}: raising ${contestants.length} machines`);
    await using machines = new AsyncDisposableStack();
    const standings: Standing[] = [];
    for (const contestant of rotated(contestants, round)) {
      signal.throwIfAborted();
      const standing = await raiseOrTell(contestant, request);
      if (standing !== undefined) standings.push(machines.use(standing));
    }
    for (const [place, row] of rowsOfRound(rows, round).entries()) {
      for (const standing of rotated(standings, place)) {
        signal.throwIfAborted();
        const { id, title } = standing.contestant;
        progress.show(`${which}, ${row.name}, ${title} … ${left()}`);
        const beganAtMs = performance.now();
        await measureOnce(request, row, standing, round, collected);
        time.done({ row, contestant: id }, performance.now() - beganAtMs);
      }
    }
  }
  return collected;
}

async function raiseOrTell(
  contestant: Contestant,
  { tools, signal, progress }: RunRequest,
): Promise<Standing | undefined> {
  try {
    return await raiseMachine(contestant, tools);
  } catch (error) {
    signal.throwIfAborted();
    progress.say(`  ${contestant.title} does not stand: ${messageOf(error)}`);
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function measureOnce(
  { settings, signal, progress }: RunRequest,
  row: Row,
  standing: Standing,
  round: number,
  collected: Collected,
): Promise<void> {
  const { id, title } = standing.contestant;
  try {
    const numbers = await row.measure(standing, settings);
    for (const [measure, value] of Object.entries(numbers)) {
      const places = collected[measure]?.[id];
      if (places === undefined) throw new Error(`the row ${row.name} has no measure ${measure}`);
      places[round] = value;
    }
    const told = Object.entries(numbers).map(
      ([measure, value]) => `${measure.slice(row.name.length + 1)} ${Number(value.toPrecision(4))}`,
    );
    if (told.length > 0) progress.say(`  ${row.name}, ${title}: ${told.join(", ")}`);
  } catch (error) {
    signal.throwIfAborted();
    progress.say(`  ${row.name}, ${title}: not measured: ${messageOf(error)}`);
  }
}
