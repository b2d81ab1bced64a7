/** What a guard used while a row's traffic flowed; a part of every row that has traffic. */
import type { RunningGuard } from "../contestants/contestant.ts";
import { cpuSeconds } from "../processes.ts";
import type { Measure, Numbers } from "../row.ts";

/**
 * The measures that {@link withCost} yields, for a row of this name.
 * @param traffic as it is told: "new connections".
 */
export function costMeasures(row: string, traffic: string): readonly Measure[] {
  return [
    {
      id: `${row}.cpu`,
      title: `CPU time of the guard itself, ${traffic}`,
      unit: "% of a core",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: `${row}.packets`,
      title: `packets that were given to the guard, ${traffic}`,
      unit: "a second",
      isMoreBetter: false,
      isPaired: false,
      bar: { bound: "at most", value: 0, isOfEachRound: true },
    },
  ];
}

/** Runs the traffic. @returns its numbers, and what the guard used meanwhile; nothing without one. */
export async function withCost(
  row: string,
  guard: RunningGuard,
  traffic: () => Promise<Numbers>,
): Promise<Numbers> {
  const packetsBefore = await guard.packets();
  const cpuBefore = cpuSeconds(guard.pids());
  const beginsAtMs = performance.now();
  const numbers = await traffic();
  const seconds = (performance.now() - beginsAtMs) / 1000;
  if (guard.pids().length === 0) return numbers;
  const cpu = cpuSeconds(guard.pids()) - cpuBefore;
  const packets = await guard.packets();
  return {
    ...numbers,
    [`${row}.cpu`]: (100 * cpu) / seconds,
    ...(packets === undefined || packetsBefore === undefined
      ? {}
      : { [`${row}.packets`]: (packets - packetsBefore) / seconds }),
  };
}
