import { describe, expect, it } from "vitest";
import { endOfMemory } from "../../src/journal/retention.ts";

const DAY_MS = 86_400_000;

describe("endOfMemory", () => {
  it.each([
    { ageDays: 90, repeatWithinDays: 89, keptDays: 90 },
    { ageDays: 90, repeatWithinDays: 91, keptDays: 91 },
    { ageDays: 1, repeatWithinDays: 1, keptDays: 1 },
  ])("of $ageDays days, with offences counted for $repeatWithinDays, is $keptDays ago", (given) => {
    const now = Date.UTC(2026, 10, 22);
    const end = endOfMemory(now, given.ageDays * DAY_MS, given.repeatWithinDays * DAY_MS);
    expect(now - end).toBe(given.keptDays * DAY_MS);
  });
});
