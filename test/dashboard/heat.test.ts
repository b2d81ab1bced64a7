import { describe, expect, it } from "vitest";
import { HEAT_LEVELS, heatLevel, heatSteps } from "../../src/dashboard/heat.ts";

describe("heatLevel", () => {
  it.each([
    { count: 0, most: 0, level: 0 },
    { count: 0, most: 1000, level: 0 },
    { count: 1, most: 1, level: HEAT_LEVELS },
    { count: 1000, most: 1000, level: HEAT_LEVELS },
    { count: 1, most: 1_000_000, level: 1 },
    { count: 30, most: 1000, level: 3 },
  ])("of $count beside $most is $level", ({ count, most, level }) => {
    expect(heatLevel(count, most)).toBe(level);
  });
});

describe("heatSteps", () => {
  it.each([0, 1, 2, 3, 7, 8, 100, 1028, 1_000_000])(
    "of %d have the least count of each",
    (most) => {
      const steps = heatSteps(most);
      for (const { level, least } of steps) {
        expect(heatLevel(least, most)).toBe(level);
        expect(least === 1 || heatLevel(least - 1, most) < level).toBe(true);
      }
      const levels = new Set(
        Array.from({ length: Math.min(most, 2000) }, (_, n) => heatLevel(n + 1, most)),
      );
      if (most <= 2000) expect(steps.map(({ level }) => level)).toEqual([...levels]);
    },
  );

  it("are none where nothing was probed", () => {
    expect(heatSteps(0)).toEqual([]);
  });
});
