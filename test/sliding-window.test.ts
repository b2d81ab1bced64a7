import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlidingWindow } from "../src/sliding-window.ts";

describe("SlidingWindow", () => {
  it.each([
    { what: "a millisecond before the window is over", atMs: 59_999, taken: false },
    { what: "when the window is over", atMs: 60_000, taken: true },
  ])("after the last act allowed, one more $what -> $taken", ({ atMs, taken }) => {
    const window = new SlidingWindow({ limit: 2, windowMs: 60_000 });
    expect([window.take(0), window.take(0), window.take(atMs)]).toEqual([true, true, taken]);
  });

  it("with a limit of 0 allows nothing", () => {
    expect(new SlidingWindow({ limit: 0, windowMs: 1 }).take(1_000_000)).toBe(false);
  });

  it("says how long until there is room", () => {
    const window = new SlidingWindow({ limit: 2, windowMs: 100 });
    window.take(0);
    expect(window.waitMs(0)).toBe(0);
    window.take(30);
    expect([window.waitMs(30), window.waitMs(99), window.waitMs(100)]).toEqual([70, 1, 0]);
    expect(new SlidingWindow({ limit: 0, windowMs: 1 }).waitMs(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is not changed by what it refuses or by being asked", () => {
    const window = new SlidingWindow({ limit: 1, windowMs: 100 });
    window.take(0);
    for (let atMs = 0; atMs < 100; atMs += 1) {
      window.take(atMs);
      window.hasRoom(atMs);
    }
    expect(window.hasRoom(100)).toBe(true);
  });

  it("never lets more than the limit into any window, wherever it is laid", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }),
        (limit, pausesMs) => {
          const window = new SlidingWindow({ limit, windowMs: 100 });
          let nowMs = 0;
          const takenAtMs: number[] = [];
          for (const pauseMs of pausesMs) {
            nowMs += pauseMs;
            if (window.take(nowMs)) takenAtMs.push(nowMs);
          }
          for (const startMs of takenAtMs) {
            const inside = takenAtMs.filter((atMs) => atMs >= startMs && atMs < startMs + 100);
            expect(inside.length).toBeLessThanOrEqual(limit);
          }
        },
      ),
    );
  });
});
