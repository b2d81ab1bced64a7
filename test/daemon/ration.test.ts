import { describe, expect, it } from "vitest";
import { Ration } from "../../src/daemon/ration.ts";

/** @returns how many of `count` lines at `nowMs` may be told. */
function taken(ration: Ration, count: number, nowMs: number): number {
  return Array.from({ length: count }).filter(() => ration.takes(nowMs)).length;
}

describe("Ration", () => {
  it.each([
    { aSecond: 0, count: 1, told: 0 },
    { aSecond: 3, count: 2, told: 2 },
    { aSecond: 3, count: 3, told: 3 },
    { aSecond: 3, count: 4, told: 3 },
  ])("of $count lines lets $told pass with $aSecond a second", ({ aSecond, count, told }) => {
    const ration = new Ration(aSecond);
    expect(taken(ration, count, 500)).toBe(told);
    expect(ration.takeSkipped()).toBe(count - told);
  });

  it("begins anew with each second, and not a millisecond before", () => {
    const ration = new Ration(2);
    expect(taken(ration, 3, 1000)).toBe(2);
    expect(taken(ration, 1, 1999)).toBe(0);
    expect(taken(ration, 3, 2000)).toBe(2);
  });

  it("tells what was left out once, for whatever reason", () => {
    const ration = new Ration(1);
    taken(ration, 3, 0);
    ration.skip();
    expect([ration.takeSkipped(), ration.takeSkipped()]).toEqual([3, 0]);
  });
});
