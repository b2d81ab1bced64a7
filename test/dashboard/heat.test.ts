import { describe, expect, it } from "vitest";
import { HEAT_LEVELS, heatLevel } from "../../src/dashboard/heat.ts";

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
