import { describe, expect, it } from "vitest";
import { isQuiet, parseQuietHours, type QuietHours } from "../../src/alerts/time-of-day.ts";

/** A moment of a day in the machine's own time. */
const at = ([hour, minute]: readonly [number, number]) =>
  new Date(2026, 10, 22, hour, minute).getTime();

describe("isQuiet", () => {
  it.each([
    { hours: "22:00-07:00", time: [21, 59] as const, quiet: false },
    { hours: "22:00-07:00", time: [22, 0] as const, quiet: true },
    { hours: "22:00-07:00", time: [6, 59] as const, quiet: true },
    { hours: "22:00-07:00", time: [7, 0] as const, quiet: false },
    { hours: "12:00-13:30", time: [11, 59] as const, quiet: false },
    { hours: "12:00-13:30", time: [13, 29] as const, quiet: true },
    { hours: "12:00-13:30", time: [13, 30] as const, quiet: false },
  ])("$time is in $hours: $quiet", ({ hours, time, quiet }) => {
    expect(isQuiet(parseQuietHours(hours) as QuietHours, at(time))).toBe(quiet);
  });
});

describe("parseQuietHours", () => {
  it.each(["22:00", "22:00-", "24:00-07:00", "7:00-8:00", "07:00-07:00", "07:00-08:00-09:00"])(
    "takes %j for none",
    (text) => {
      expect(parseQuietHours(text)).toBeUndefined();
    },
  );
});
