import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDurationMs } from "../src/duration.ts";

describe("parseDurationMs", () => {
  it.each([
    { text: "0s", expected: 0 },
    { text: "10s", expected: 10_000 },
    { text: "5m", expected: 300_000 },
    { text: "1h", expected: 3_600_000 },
    { text: "7d", expected: 604_800_000 },
    { text: "1w", expected: 604_800_000 },
    { text: "007s", expected: 7000 },
    { text: "999999999s", expected: 999_999_999_000 },
  ])("reads $text as $expected ms", ({ text, expected }) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it.each(["", "10", "s", "1.5h", "-1s", "+1s", "1 h", " 1h", "1h ", "1H", "1y", "1ms", "1h30m"])(
    "does not read %j",
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );

  it("does not read more digits than a duration can need", () => {
    expect(parseDurationMs("1000000000s")).toBeUndefined();
  });
});

describe("formatDuration", () => {
  it.each([
    { durationMs: 0, expected: "0s" },
    { durationMs: 999, expected: "0s" },
    { durationMs: 59_000, expected: "59s" },
    { durationMs: 60_000, expected: "1m" },
    { durationMs: 61_000, expected: "61s" },
    { durationMs: 5_400_000, expected: "90m" },
    { durationMs: 3_600_000, expected: "1h" },
    { durationMs: 86_400_000, expected: "1d" },
    { durationMs: 604_800_000, expected: "7d" },
  ])("writes $durationMs ms as $expected", ({ durationMs, expected }) => {
    expect(formatDuration(durationMs)).toBe(expected);
  });

  it("writes whole seconds so that they are read back as the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (seconds) => {
        expect(parseDurationMs(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});
