/** Which row is measured in which round, and how long all that will take. Pure. */
import type { Row } from "./row.ts";

/** Of a row that says nothing else, its machine included. Seconds. */
const ABOUT_SECONDS = 5;

export function rowsOfRound(rows: readonly Row[], round: number): Row[] {
  return rows.filter(({ isLong }) => isLong !== true || round % 2 === 0);
}

/** Of any row of a run that is to be over soon. Seconds. */
const QUICK_SECONDS = 3;

/** One row of one contestant, in any round. */
export interface Step {
  readonly row: Row;
  readonly contestant: string;
}

/** What is to be done in so many rounds, in any order. */
export function stepsOf(
  rows: readonly Row[],
  rounds: number,
  contestants: readonly string[],
): Step[] {
  return Array.from({ length: rounds }, (_, round) => rowsOfRound(rows, round))
    .flat()
    .flatMap((row) => contestants.map((contestant) => ({ row, contestant })));
}

/** Guesses how long the rest takes: as long as the same steps took before, or as their rows say. */
export class TimeLeft {
  readonly #tookMs = new Map<string, number>();
  readonly #steps: Step[];
  readonly #isQuick: boolean;

  /** @param isQuick no row takes as long as it says. */
  constructor(steps: readonly Step[], isQuick = false) {
    this.#steps = [...steps];
    this.#isQuick = isQuick;
  }

  /** A step is done, measured or not. */
  done({ row, contestant }: Step, tookMs: number): void {
    this.#tookMs.set(keyOf(row, contestant), tookMs);
    const place = this.#steps.findIndex(
      (step) => step.row === row && step.contestant === contestant,
    );
    if (place >= 0) this.#steps.splice(place, 1);
  }

  /** Milliseconds. */
  get leftMs(): number {
    return this.#steps.reduce((sum, { row, contestant }) => {
      const aboutSeconds = this.#isQuick ? QUICK_SECONDS : (row.aboutSeconds ?? ABOUT_SECONDS);
      return sum + (this.#tookMs.get(keyOf(row, contestant)) ?? 1000 * aboutSeconds);
    }, 0);
  }
}

function keyOf({ name }: Row, contestant: string): string {
  return `${name} ${contestant}`;
}

/** "about 12 min", "less than a minute". */
export function formatLeft(leftMs: number): string {
  const minutes = Math.round(leftMs / 60_000);
  return minutes < 1 ? "less than a minute" : `about ${minutes} min`;
}
