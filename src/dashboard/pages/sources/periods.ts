/**
 * What was counted in each minute, hour or day of a span, the hours without a guard included.
 *
 * Pure. The API leaves out hours in which no guard ran: they are not zero, they are not known.
 */
import type { ActivityView, HourView } from "../../../api/contract.ts";
import type { Span } from "./span.ts";

export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
  /** null: no guard ran. */
  readonly counts: Counts | null;
}

export interface Counts {
  readonly probes: number;
  readonly verdicts: number;
  readonly bans: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The last hour. The guard has it of its own process alone, so that it may begin later. */
export function minutesOf({ minutes }: Pick<ActivityView, "minutes">): readonly Period[] {
  return minutes.map(({ at, ...counts }) => {
    const fromMs = Date.parse(at);
    return { fromMs, toMs: fromMs + MINUTE_MS, counts };
  });
}

/** Hours or days up to now, where the browser is; the last one goes on. */
export function periodsOf(
  hours: readonly HourView[],
  { ms, step }: Pick<Span, "ms" | "step">,
  nowMs: number,
): readonly Period[] {
  const sums = new Map<number, Counts>();
  for (const { at, ...counts } of hours) {
    const fromMs = beginOf(Date.parse(at), step);
    sums.set(fromMs, plus(sums.get(fromMs), counts));
  }
  const periods: Period[] = [];
  for (let fromMs = beginOf(nowMs - ms, step); fromMs <= nowMs; ) {
    const toMs = endOf(fromMs, step);
    periods.push({ fromMs, toMs, counts: sums.get(fromMs) ?? null });
    fromMs = toMs;
  }
  return periods;
}

export function sumOf(periods: readonly Period[]): Counts {
  return periods.reduce<Counts>((sum, { counts }) => (counts === null ? sum : plus(sum, counts)), {
    probes: 0,
    verdicts: 0,
    bans: 0,
  });
}

function plus(sum: Counts | undefined, counts: Counts): Counts {
  if (sum === undefined) return counts;
  return {
    probes: sum.probes + counts.probes,
    verdicts: sum.verdicts + counts.verdicts,
    bans: sum.bans + counts.bans,
  };
}

function beginOf(ms: number, step: Span["step"]): number {
  if (step !== "day") return Math.floor(ms / HOUR_MS) * HOUR_MS;
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** A day is as long as the clocks there make it. */
function endOf(fromMs: number, step: Span["step"]): number {
  if (step !== "day") return fromMs + HOUR_MS;
  const begin = new Date(fromMs);
  return new Date(begin.getFullYear(), begin.getMonth(), begin.getDate() + 1).getTime();
}
