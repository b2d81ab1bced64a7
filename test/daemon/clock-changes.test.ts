import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClockChanges, EVENT_SHOWN_MS } from "../../src/daemon/clock-changes.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import type { Outcome } from "../../src/model/order.ts";
import { FakeClock } from "../support/fake-clock.ts";

function open({
  aged = { shortened: 2, ended: 1, failed: 0 },
  moved = { status: "applied" } as Outcome,
} = {}) {
  const calls: unknown[] = [];
  const clock = new FakeClock();
  const health = new HealthTracker(() => clock.epochMs());
  const changes = new ClockChanges({
    executor: {
      age: (byMs) => {
        calls.push(["age", byMs]);
        return aged;
      },
    },
    trust: { clockWasSet: (byMs) => void calls.push(["trust", byMs]) },
    ledger: {
      moveEnds: async (byMs) => {
        calls.push(["ledger", byMs]);
        return moved;
      },
    },
    legacy: () => ({ clockWasSet: (byMs) => void calls.push(["legacy", byMs]) }),
    health,
  });
  return { calls, health, changes };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("ClockChanges", () => {
  it("takes the time that was slept off the bans in the kernel, and nothing else", () => {
    const { calls, health, changes } = open();
    changes.apply({ suspendedMs: 5_400_000, setByMs: 0 });
    expect(calls).toEqual([["age", 5_400_000]]);
    expect(health.list()).toMatchObject([
      {
        code: "machine-suspended",
        severity: "notice",
        text: "The machine was suspended for 1 h 30 min (1 time since the start): 1 ban ended meanwhile, 2 have the time that is left.",
      },
    ]);
  });

  it.each([
    { setByMs: 86_400_000, words: "set forward by 1 d" },
    { setByMs: -90_000, words: "set back by 1 min 30 s" },
  ])("moves what is stored by wall time along with a clock $words", ({ setByMs, words }) => {
    const { calls, health, changes } = open();
    changes.apply({ suspendedMs: 0, setByMs });
    expect(calls).toEqual([
      ["trust", setByMs],
      ["legacy", setByMs],
      ["ledger", setByMs],
    ]);
    expect(health.list()[0]).toMatchObject({ code: "clock-set", severity: "notice" });
    expect(health.list()[0]?.text).toContain(words);
  });

  it("says how many bans the kernel did not change", () => {
    const { health, changes } = open({ aged: { shortened: 2, ended: 1, failed: 3 } });
    changes.apply({ suspendedMs: 5_400_000, setByMs: 0 });
    expect(health.list()[0]?.text).toContain("; 3 bans could not be changed and end late.");
  });

  it("says why the ends of what KILL_* have done are not written", async () => {
    const reason = "/deeds cannot be written: ENOSPC";
    const { health, changes } = open({ moved: { status: "failed", reason } });
    changes.apply({ suspendedMs: 0, setByMs: 90_000 });
    await vi.advanceTimersByTimeAsync(0);
    expect(health.list()[0]?.text).toContain(`last as long as they were to. ${reason}`);
  });

  it("counts, and shows the last one for an hour", () => {
    const { health, changes } = open();
    const change = { suspendedMs: 0, setByMs: 2000 };
    changes.apply(change);
    vi.advanceTimersByTime(EVENT_SHOWN_MS - 1);
    changes.apply(change);
    vi.advanceTimersByTime(EVENT_SHOWN_MS - 1);
    expect(health.list()[0]?.text).toContain("2 times since the start");
    vi.advanceTimersByTime(1);
    expect(health.list()).toEqual([]);
  });
});
