import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
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

describe("GuardUpkeep", () => {
  it("tells of probes that the kernel reported in vain within a second", async () => {
    const clock = new FakeClock();
    const health = new HealthTracker(() => clock.epochMs());
    let lost = 0;
    let measured = 0;
    const upkeep = new GuardUpkeep({
      broker: {
        measure: async () => {
          measured += 1;
          return { counters: COUNTERS, held: 0 };
        },
      },
      sensors: [{ counts: () => ({ lost }) } as unknown as Sensor],
      campaigns: { tick: () => {} } as never,
      provers: { refused: 0 },
      pipeline: { overBudget: 0 },
      journal: new MemoryJournal(),
      memory: undefined,
      events: { flush: () => {} },
      health,
      clock,
      onProgress: () => {},
      repeatWithinMs: 0,
    });
    upkeep.start();
    await vi.advanceTimersByTimeAsync(1000);
    lost = 7;
    await vi.advanceTimersByTimeAsync(1000);
    expect(health.list()).toMatchObject([{ code: "probes-lost", severity: "warning" }]);
    // The kernel is asked seldom: its sets may be large.
    expect(measured).toBe(1);
  });
});
