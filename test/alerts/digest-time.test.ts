/** When the digest is due, on days that are no common ones, in a time zone with summer time. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DigestTime } from "../../src/alerts/digest-time.ts";

const zone = process.env["TZ"];

beforeAll(() => {
  process.env["TZ"] = "Europe/Berlin";
});

afterAll(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

const at = (text: string) => Date.parse(text);

/** Half past two, in the hour that comes twice or never. */
const NIGHT = 150;

/** How often it is told when it is looked every ten minutes. */
function toldBetween(digest: DigestTime, from: string, to: string): string[] {
  const told: string[] = [];
  for (let now = at(from); now <= at(to); now += 600_000) {
    if (digest.take(now)) told.push(new Date(now).toISOString().slice(0, 16));
  }
  return told;
}

describe("the time of the digest", () => {
  it("is its minute, once a day, and not before the first one", () => {
    const digest = new DigestTime(480, at("2026-11-23T12:00:00Z"));
    expect(toldBetween(digest, "2026-11-23T12:00:00Z", "2026-11-25T12:00:00Z")).toEqual([
      "2026-11-24T07:00",
      "2026-11-25T07:00",
    ]);
  });

  it.each([
    { what: "a millisecond before", now: "2026-11-24T06:59:59.999Z", isTold: false },
    { what: "at it", now: "2026-11-24T07:00:00Z", isTold: true },
    { what: "hours after, when the machine wakes", now: "2026-11-24T11:13:00Z", isTold: true },
  ])("$what: $isTold", ({ now, isTold }) => {
    const digest = new DigestTime(480, at("2026-11-23T12:00:00Z"));
    expect(digest.take(at(now))).toBe(isTold);
    expect(digest.take(at(now))).toBe(false);
  });

  it("comes on the day on which its hour is missing", () => {
    const digest = new DigestTime(NIGHT, at("2026-03-28T12:00:00Z"));
    expect(toldBetween(digest, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z")).toHaveLength(2);
  });

  it("comes once on the day on which its hour comes twice", () => {
    const digest = new DigestTime(NIGHT, at("2026-10-24T12:00:00Z"));
    expect(toldBetween(digest, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z")).toHaveLength(2);
  });

  it("comes once where the clock is set back behind it by seconds", () => {
    const digest = new DigestTime(480, at("2026-11-23T12:00:00Z"));
    expect(digest.take(at("2026-11-24T07:00:05Z"))).toBe(true);
    expect(digest.take(at("2026-11-24T06:59:58Z"))).toBe(false);
    expect(digest.take(at("2026-11-24T07:00:00Z"))).toBe(false);
  });

  it("comes again on the day after a clock was set back by a month", () => {
    const digest = new DigestTime(480, at("2026-11-23T12:00:00Z"));
    expect(toldBetween(digest, "2026-10-20T12:00:00Z", "2026-10-21T12:00:00Z")).toHaveLength(1);
  });
});
