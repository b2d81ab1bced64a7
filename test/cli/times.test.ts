import { describe, expect, it } from "vitest";
import { formatAgo, formatAhead, formatLocalTime } from "../../src/cli/times.ts";

describe("formatAhead", () => {
  it.each([
    { seconds: -5, expected: "in 0 s" },
    { seconds: 0, expected: "in 0 s" },
    { seconds: 59.9, expected: "in 59 s" },
    { seconds: 60, expected: "in 1 min" },
    { seconds: 3599, expected: "in 59 min" },
    { seconds: 3600, expected: "in 1 h" },
    { seconds: 2 * 86_400 - 1, expected: "in 47 h" },
    { seconds: 2 * 86_400, expected: "in 2 days" },
    { seconds: 7 * 86_400 - 1, expected: "in 6 days" },
  ])("says $expected for $seconds s", ({ seconds, expected }) => {
    expect(formatAhead(seconds)).toBe(expected);
  });
});

describe("formatAgo", () => {
  it("looks back", () => {
    expect(formatAgo(7200)).toBe("2 h ago");
  });
});

describe("formatLocalTime", () => {
  it.each([
    { timeZone: "UTC", expected: "2026-11-22 13:03" },
    { timeZone: "Europe/Berlin", expected: "2026-11-22 14:03" },
    { timeZone: "Asia/Kathmandu", expected: "2026-11-22 18:48" },
  ])("shows $expected in $timeZone", ({ timeZone, expected }) => {
    expect(formatLocalTime(Date.parse("2026-11-22T13:03:59.999Z"), timeZone)).toBe(expected);
  });
});
