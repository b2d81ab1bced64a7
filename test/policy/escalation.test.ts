import { describe, expect, it } from "vitest";
import { banDurationMs } from "../../src/policy/escalation.ts";

const HOUR_MS = 3_600_000;
const STEPS_MS = [HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS];

describe("banDurationMs", () => {
  it.each([
    { earlierBans: 0, hours: 1 },
    { earlierBans: 1, hours: 24 },
    { earlierBans: 2, hours: 168 },
    { earlierBans: 3, hours: 168 },
    { earlierBans: 1000, hours: 168 },
  ])("is $hours h after $earlierBans earlier bans", ({ earlierBans, hours }) => {
    expect(banDurationMs(STEPS_MS, earlierBans)).toBe(hours * HOUR_MS);
  });

  it.each([0, 1])("is for good without steps, after %i earlier bans", (earlierBans) => {
    expect(banDurationMs([], earlierBans)).toBeUndefined();
  });
});
