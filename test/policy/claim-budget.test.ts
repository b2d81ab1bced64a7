import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClaimBudget } from "../../src/policy/claim-budget.ts";

function budgetOf(perMinute: number) {
  let nowMs = 0;
  const budget = new ClaimBudget(perMinute, { monotonicMs: () => nowMs, epochMs: () => 0 });
  return {
    takeAt(atMs: number): boolean {
      nowMs = atMs;
      return budget.take();
    },
  };
}

describe("ClaimBudget", () => {
  it("grants a minute's worth at once, and then none", () => {
    const budget = budgetOf(3);
    expect([0, 0, 0, 0].map((atMs) => budget.takeAt(atMs))).toEqual([true, true, true, false]);
  });

  it.each([
    { atMs: 60_000, isGranted: false },
    { atMs: 60_001, isGranted: true },
  ])("grants the next $atMs ms after the first: $isGranted", ({ atMs, isGranted }) => {
    const budget = budgetOf(2);
    budget.takeAt(0);
    budget.takeAt(30_000);
    expect(budget.takeAt(atMs)).toBe(isGranted);
    expect(budget.takeAt(atMs)).toBe(false);
  });

  it("grants nothing when it is 0", () => {
    const budget = budgetOf(0);
    expect([0, 100_000].map((atMs) => budget.takeAt(atMs))).toEqual([false, false]);
  });

  it("grants at most N in every window of 60 s, and no fewer than N in a flood", () => {
    const waitsMs = fc.array(fc.nat(20_000), { maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), waitsMs, (perMinute, waits) => {
        const budget = budgetOf(perMinute);
        const grantedAtMs: number[] = [];
        let atMs = 0;
        for (const waitMs of waits) {
          atMs += waitMs;
          const lastMinute = grantedAtMs.filter((grantMs) => atMs - grantMs <= 60_000).length;
          const isGranted = budget.takeAt(atMs);
          // The window that ends with a grant is the fullest of all that hold it.
          expect(isGranted).toBe(lastMinute < perMinute);
          if (isGranted) grantedAtMs.push(atMs);
        }
      }),
    );
  });
});
