import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BanTally } from "../../../src/broker/executors/ban-tally.ts";

describe("BanTally", () => {
  it("counts a ban until it is over, and a little longer", () => {
    const tally = new BanTally();
    tally.add(60_000, 0);
    expect([59_999, 60_000].map((nowMs) => tally.standing(nowMs))).toEqual([1, 0]);
    tally.add(60_000, 60_001);
    expect([120_001, 179_999, 180_000].map((nowMs) => tally.standing(nowMs))).toEqual([1, 1, 0]);
  });

  it("counts a ban for good for good, until it is cleared", () => {
    const tally = new BanTally();
    tally.add(null, 0);
    expect(tally.standing(Number.MAX_SAFE_INTEGER)).toBe(1);
    tally.clear();
    expect(tally.standing(0)).toBe(0);
  });

  it("never counts fewer than stand", () => {
    const times = fc.tuple(fc.integer({ min: 1000, max: 10 ** 8 }), fc.nat(10 ** 6));
    fc.assert(
      fc.property(fc.array(times, { maxLength: 30 }), fc.nat(10 ** 8), (bans, nowMs) => {
        const tally = new BanTally();
        for (const [timeoutMs, atMs] of bans) tally.add(timeoutMs, atMs);
        const standing = bans.filter(([timeoutMs, atMs]) => atMs + timeoutMs > nowMs).length;
        expect(tally.standing(nowMs)).toBeGreaterThanOrEqual(standing);
      }),
    );
  });
});
