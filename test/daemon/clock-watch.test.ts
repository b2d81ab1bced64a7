import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { type ClockReadings, ClockWatch, watchClocks } from "../../src/daemon/clock-watch.ts";
import { readBootClocks } from "../../src/kernel/boot-clocks.ts";

const DAY_MS = 86_400_000;
const START: ClockReadings = { epochMs: 1.8e12, boottimeMs: 50_000, monotonicMs: 40_000 };

/** The clocks `passedMs` later, with what else has happened. */
function later(
  passedMs: number,
  { suspendedMs = 0, setByMs = 0 } = {},
  from = START,
): ClockReadings {
  return {
    epochMs: from.epochMs + passedMs + suspendedMs + setByMs,
    boottimeMs: from.boottimeMs + passedMs + suspendedMs,
    monotonicMs: from.monotonicMs + passedMs,
  };
}

describe("ClockWatch", () => {
  it.each([
    { suspendedMs: 0, setByMs: 0, told: undefined },
    { suspendedMs: 999, setByMs: 0, told: undefined },
    { suspendedMs: 1000, setByMs: 0, told: { suspendedMs: 1000, setByMs: 0 } },
    { suspendedMs: DAY_MS, setByMs: 0, told: { suspendedMs: DAY_MS, setByMs: 0 } },
    { suspendedMs: 0, setByMs: 999, told: undefined },
    { suspendedMs: 0, setByMs: -999, told: undefined },
    { suspendedMs: 0, setByMs: 1000, told: { suspendedMs: 0, setByMs: 1000 } },
    { suspendedMs: 0, setByMs: -1000, told: { suspendedMs: 0, setByMs: -1000 } },
    { suspendedMs: 0, setByMs: DAY_MS, told: { suspendedMs: 0, setByMs: DAY_MS } },
    { suspendedMs: 0, setByMs: -DAY_MS, told: { suspendedMs: 0, setByMs: -DAY_MS } },
    { suspendedMs: 5000, setByMs: 2000, told: { suspendedMs: 5000, setByMs: 2000 } },
  ])("suspended for $suspendedMs ms and set by $setByMs ms -> $told", ({ told, ...change }) => {
    const watch = new ClockWatch(START);
    expect(watch.look(later(250, change))).toEqual(told);
    // Once.
    expect(watch.look(later(250, {}, later(250, change)))).toBeUndefined();
  });

  it("adds up what is too little to be told", () => {
    const watch = new ClockWatch(START);
    expect(watch.look(later(250, { setByMs: 600 }))).toBeUndefined();
    expect(watch.look(later(500, { setByMs: 1200 }))).toEqual({ suspendedMs: 0, setByMs: 1200 });
  });

  it("takes a clock that runs on, however long, for nothing", () => {
    const watch = new ClockWatch(START);
    expect(watch.look(later(400 * DAY_MS))).toBeUndefined();
  });
});

describe("watchClocks", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    systemClock.hold();
  });

  it("lets nobody see the new time before what is stored has moved with it", async () => {
    const told = Promise.withResolvers<{ setByMs: number; saidMs: number }>();
    const stop = watchClocks(({ setByMs }) => {
      told.resolve({ setByMs, saidMs: systemClock.epochMs() });
    });
    const before = systemClock.epochMs();
    const now = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => now() + DAY_MS);
    expect(systemClock.epochMs() - before).toBeLessThan(DAY_MS);
    const { setByMs, saidMs } = await told.promise;
    expect(Math.abs(setByMs - DAY_MS)).toBeLessThan(1000);
    expect(saidMs - before).toBeLessThan(DAY_MS);
    expect(systemClock.epochMs() - before).toBeGreaterThan(DAY_MS - 1000);
    stop();
  });
});

describe("readBootClocks", () => {
  it("reads two clocks that go on, of which one never falls behind the other", () => {
    const first = readBootClocks();
    const second = readBootClocks();
    expect(first.monotonicMs).toBeGreaterThan(0);
    expect(second.monotonicMs).toBeGreaterThanOrEqual(first.monotonicMs);
    expect(second.boottimeMs).toBeGreaterThanOrEqual(first.monotonicMs);
  });
});
