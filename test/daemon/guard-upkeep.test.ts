import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { KernelCounters } from "../../src/broker/protocol.ts";
import { GuardUpkeep } from "../../src/daemon/guard-upkeep.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import type { Sensor } from "../../src/sensors/sensor.ts";
import { FakeClock } from "../support/fake-clock.ts";

const COUNTERS = { holds: 0, refused: 0, shutOut: 0, trusted: 0, full: 0, unlogged: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(count: () => Promise<KernelCounters>) {
  const clock = new FakeClock();
  const health = new HealthTracker(() => clock.epochMs());
  const losses = { lost: 0 };
  const stories = { flush: () => {}, forgetBeyond: () => 0, lost: 0, failures: 0 };
  const upkeep = new GuardUpkeep({
    broker: { count },
    sensors: [{ counts: () => losses } as unknown as Sensor],
    campaigns: { tick: () => {} } as never,
    provers: { refused: 0 },
    pipeline: { overBudget: 0 },
    journal: new MemoryJournal(),
    memory: undefined,
    events: { flush: () => {} },
    health,
    clock,
    onProgress: () => {},
    stories,
    counter: { hand: () => {} },
    recorder: { trustedSaves: () => {}, leftOut: 0 },
    keeps: { repeatWithinMs: 0, ageMs: 0, mostBytes: 0, quietMs: 0 },
  });
  upkeep.start();
  return { health, losses, stories };
}

describe("GuardUpkeep", () => {
  it("tells of probes that the kernel reported in vain within a second", async () => {
    const { health, losses } = start(async () => COUNTERS);
    await vi.advanceTimersByTimeAsync(1000);
    losses.lost = 7;
    await vi.advanceTimersByTimeAsync(1000);
    expect(health.list()).toMatchObject([{ code: "probes-lost", severity: "warning" }]);
  });

  it("tells of a history that cannot be written", async () => {
    const { health, stories } = start(async () => COUNTERS);
    await vi.advanceTimersByTimeAsync(1000);
    stories.failures = 1;
    await vi.advanceTimersByTimeAsync(1000);
    expect(health.list()).toMatchObject([{ code: "journal-failed", severity: "warning" }]);
  });

  it.each([
    { counter: "full", code: "hold-set-full" },
    { counter: "unlogged", code: "probes-unlogged" },
  ])("tells of a counter of the kernel that has grown within a second: $counter", async (row) => {
    let counters = COUNTERS;
    const { health } = start(async () => counters);
    await vi.advanceTimersByTimeAsync(2500);
    counters = { ...COUNTERS, [row.counter]: 3 };
    await vi.advanceTimersByTimeAsync(1000);
    expect(health.list()).toMatchObject([{ code: row.code, severity: "warning" }]);
  });

  it("asks a broker that is busy once, and tells of its own losses meanwhile", async () => {
    const answers: ((counters: KernelCounters) => void)[] = [];
    const { health, losses } = start(() => new Promise((resolve) => void answers.push(resolve)));
    answers[0]?.(COUNTERS);
    await vi.advanceTimersByTimeAsync(5000);
    losses.lost = 7;
    await vi.advanceTimersByTimeAsync(1000);
    expect(answers).toHaveLength(2);
    expect(health.list()).toMatchObject([{ code: "probes-lost" }]);
  });
});
