import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthTracker } from "../../src/health/tracker.ts";

function makeTracker() {
  let nowMs = 0;
  const told: string[] = [];
  const tracker = new HealthTracker(
    () => nowMs,
    (problem, change) => told.push(`${change} ${problem.code} ${problem.severity}`),
  );
  const raise = (severity: "warning" | "error", text = "It is broken.") =>
    tracker.raise("trust-unreadable", severity, text, "Mend it.");
  return { tracker, told, raise, advance: (byMs: number) => (nowMs += byMs) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("HealthTracker", () => {
  it("tells a problem once, and keeps its first time and its last text", () => {
    const { tracker, told, raise, advance } = makeTracker();
    raise("warning");
    advance(1000);
    raise("warning", "It is still broken.");
    expect(told).toEqual(["raised trust-unreadable warning"]);
    expect(tracker.list()).toMatchObject([{ sinceEpochMs: 0, text: "It is still broken." }]);
  });

  it("tells when a problem gets worse", () => {
    const { told, raise } = makeTracker();
    raise("warning");
    raise("error");
    expect(told).toEqual(["raised trust-unreadable warning", "raised trust-unreadable error"]);
  });

  it("shows what has happened for as long as was said, from its last time on", () => {
    const { tracker, told } = makeTracker();
    const happen = () => tracker.raiseFor(1000, "table-restored", "warning", "It was.", "Look.");
    happen();
    vi.advanceTimersByTime(999);
    happen();
    vi.advanceTimersByTime(999);
    expect(tracker.list()).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(tracker.list()).toEqual([]);
    expect(told).toEqual(["raised table-restored warning", "cleared table-restored warning"]);
  });

  it("ends no problem early that was raised again by another word", () => {
    const { tracker } = makeTracker();
    const happen = () => tracker.raiseFor(1000, "table-restored", "warning", "It was.", "Look.");
    happen();
    tracker.raise("table-restored", "error", "It is.", "Mend it.");
    vi.advanceTimersByTime(1000);
    expect(tracker.list()).toHaveLength(1);
    happen();
    tracker.clear("table-restored");
    tracker.raise("table-restored", "error", "It is.", "Mend it.");
    vi.advanceTimersByTime(1000);
    expect(tracker.list()).toHaveLength(1);
  });

  it("tells the end of a problem, and nothing of one that never was", () => {
    const { tracker, told, raise } = makeTracker();
    tracker.clear("no-root");
    raise("warning");
    tracker.clear("trust-unreadable");
    expect(told).toEqual(["raised trust-unreadable warning", "cleared trust-unreadable warning"]);
    expect(tracker.list()).toEqual([]);
  });
});
