import { describe, expect, it } from "vitest";
import { endOfMemory } from "../../src/journal/retention.ts";

const DAY_MS = 86_400_000;

describe("endOfMemory", () => {
  it.each([
    { repeatWithinDays: 1, keptDays: 90 },
    { repeatWithinDays: 90, keptDays: 90 },
    { repeatWithinDays: 91, keptDays: 91 },
  ])("with offences counted for $repeatWithinDays days is $keptDays days ago", (given) => {
    const now = Date.UTC(2026, 10, 22);
    expect(now - endOfMemory(now, given.repeatWithinDays * DAY_MS)).toBe(given.keptDays * DAY_MS);
  });
});
