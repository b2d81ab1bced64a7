/** What a guard costs while nothing happens, and how long it took to guard. */
import { setTimeout as pause } from "node:timers/promises";
import { cpuSeconds, proportionalBytes, residentBytes } from "../processes.ts";
import type { Row } from "../row.ts";

export const START: Row = {
  name: "start",
  measures: [
    {
      id: "start.ready",
      title: "from the start until it guards",
      unit: "ms",
      isMoreBetter: false,
      isPaired: false,
    },
  ],
  measure: async ({ guard: { startMs } }) =>
    startMs === undefined ? {} : { "start.ready": startMs },
};

export const IDLE: Row = {
  name: "idle",
  measures: [
    {
      id: "idle.cpu",
      title: "CPU time while nothing happens",
      unit: "% of a core",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "idle.memory",
      title: "resident memory (RSS) of all its processes",
      unit: "MB",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "idle.proportional",
      title: "the same with shared pages divided (PSS)",
      unit: "MB",
      isMoreBetter: false,
      isPaired: false,
    },
  ],
  async measure({ guard }, { seconds }) {
    if (guard.pids().length === 0) return {};
    const before = cpuSeconds(guard.pids());
    const beginsAtMs = performance.now();
    await pause(seconds * 1000);
    const used = cpuSeconds(guard.pids()) - before;
    return {
      "idle.cpu": (100 * used * 1000) / (performance.now() - beginsAtMs),
      "idle.memory": residentBytes(guard.pids()) / 1e6,
      "idle.proportional": proportionalBytes(guard.pids()) / 1e6,
    };
  },
};
