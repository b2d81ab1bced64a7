import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { minutesOf, periodsOf, sumOf } from "../../../../src/dashboard/pages/sources/periods.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const hour = (at: string, probes: number) => ({ at, probes, verdicts: 2, bans: 1 });

describe("the periods of a span", () => {
  let zone: string | undefined;
  beforeEach(() => {
    zone = process.env["TZ"];
    // Clocks there go back an hour on 2026-10-25, at one o'clock UTC.
    process.env["TZ"] = "Europe/Berlin";
  });
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  it("are hours, of which those without a guard are not known", () => {
    const hours = [hour("2026-11-23T11:00:00.000Z", 7), hour("2026-11-23T13:00:00.000Z", 9)];
    const span = { ms: 2 * HOUR_MS, step: "hour" } as const;
    const periods = periodsOf(hours, span, Date.parse("2026-11-23T13:30:00.000Z"));
    expect(periods.map(({ counts }) => counts?.probes ?? null)).toEqual([7, null, 9]);
    expect(periods[0]?.toMs).toBe(Date.parse("2026-11-23T12:00:00.000Z"));
    expect(sumOf(periods)).toEqual({ probes: 16, verdicts: 4, bans: 2 });
  });

  it("are days of the clock on the wall, also one of 25 hours", () => {
    const hours = [
      // Saturday there, Sunday's first and last hour, and Monday.
      hour("2026-10-24T21:00:00.000Z", 1),
      hour("2026-10-24T22:00:00.000Z", 10),
      hour("2026-10-25T22:00:00.000Z", 20),
      hour("2026-10-25T23:00:00.000Z", 300),
    ];
    const span = { ms: 2 * DAY_MS, step: "day" } as const;
    const periods = periodsOf(hours, span, Date.parse("2026-10-26T12:00:00.000Z"));
    expect(periods.map(({ counts }) => counts?.probes ?? null)).toEqual([1, 30, 300]);
    expect(periods.map(({ fromMs, toMs }) => (toMs - fromMs) / HOUR_MS)).toEqual([24, 25, 24]);
  });

  it("are the minutes of the guard that runs", () => {
    const minutes = [{ at: "2026-11-23T13:30:00.000Z", probes: 3, verdicts: 0, bans: 0 }];
    const [period] = minutesOf({ minutes });
    expect((period?.toMs ?? 0) - (period?.fromMs ?? 0)).toBe(60_000);
    expect(period?.counts).toEqual({ probes: 3, verdicts: 0, bans: 0 });
  });
});
