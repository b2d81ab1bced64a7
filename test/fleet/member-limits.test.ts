import { describe, expect, it } from "vitest";
import { type FleetRefusal, MemberLimits } from "../../src/fleet/member-limits.ts";
import { type FleetBody, MAX_MEMBERS } from "../../src/fleet/record.ts";
import { prefix, recordOf, START_EPOCH_MS } from "./records.ts";

const MINUTE_MS = 60_000;
const source = prefix("192.0.2.7");
const BAN: FleetBody = { kind: "ban", source, evidence: "proven" };
const TOMBSTONE: FleetBody = { kind: "unban", source, isTombstone: true };
const UNBAN: FleetBody = { kind: "unban", source, isTombstone: false };

/** What is said of each of so many records, all at one time. */
function takeMany(limits: MemberLimits, many: number, atMs: number, body = BAN, member = "web1") {
  return Array.from({ length: many }, () =>
    limits.take(recordOf(body, { member }), START_EPOCH_MS + atMs),
  );
}

const refuseMany = (limits: MemberLimits, many: number, atMs: number, refusal: FleetRefusal) =>
  Array.from({ length: many }, () => limits.refused("web1", refusal, START_EPOCH_MS + atMs));

describe("MemberLimits", () => {
  it.each([
    { what: "bans", body: BAN },
    { what: "tombstones", body: TOMBSTONE },
  ])(
    "takes 60 $what a minute, refuses 60 more, and opens the breaker with the next",
    ({ body }) => {
      const limits = new MemberLimits();
      const verdicts = takeMany(limits, 122, 0, body);
      expect(verdicts.slice(0, 60).every((each) => each === "within")).toBe(true);
      expect(verdicts.slice(60, 120).every((each) => each === "over-quota")).toBe(true);
      expect(verdicts.slice(120)).toEqual(["breaker-opened", "breaker-open"]);
    },
  );

  it("counts bans and tombstones apart, each member's, and no other kinds", () => {
    const limits = new MemberLimits();
    const verdicts = [
      ...takeMany(limits, 60, 0),
      ...takeMany(limits, 60, 0, TOMBSTONE),
      ...takeMany(limits, 60, 0, BAN, "web2"),
      ...takeMany(limits, 500, 0, UNBAN),
    ];
    expect(new Set(verdicts)).toEqual(new Set(["within"]));
  });

  it.each([
    { what: "a millisecond before the minute is over", atMs: MINUTE_MS - 1, verdict: "over-quota" },
    { what: "when it is over", atMs: MINUTE_MS, verdict: "within" },
    { what: "when the clock was set back by a minute", atMs: -MINUTE_MS, verdict: "within" },
  ])("after a minute's quota, of one more $what says $verdict", ({ atMs, verdict }) => {
    const limits = new MemberLimits();
    takeMany(limits, 60, 0);
    expect(takeMany(limits, 1, atMs)).toEqual([verdict]);
  });

  it("opens the breaker with the twentieth refused record in a minute", () => {
    const limits = new MemberLimits();
    expect(refuseMany(limits, 19, 0, "bad-signature")).not.toContain(true);
    expect(limits.isOpen("web1", START_EPOCH_MS)).toBe(false);
    expect(refuseMany(limits, 2, MINUTE_MS - 1, "replayed")).toEqual([true, false]);
    expect(takeMany(limits, 1, MINUTE_MS, UNBAN)).toEqual(["breaker-open"]);
  });

  it("does not open it for refusals that are too slow, or no fault", () => {
    const limits = new MemberLimits();
    refuseMany(limits, 19, 0, "bad-signature");
    expect(refuseMany(limits, 19, MINUTE_MS, "too-wide")).not.toContain(true);
    for (const refusal of ["over-quota", "distrusted", "too-many-in-force"] as const) {
      expect(refuseMany(limits, 100, MINUTE_MS, refusal)).not.toContain(true);
    }
  });

  it("keeps it open for 10 minutes, then for twice as long each time, up to a day", () => {
    const limits = new MemberLimits();
    let atMs = 0;
    for (const minutes of [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]) {
      expect(takeMany(limits, 121, atMs).at(-1)).toBe("breaker-opened");
      atMs += minutes * MINUTE_MS;
      expect(limits.isOpen("web1", START_EPOCH_MS + atMs - 1)).toBe(true);
      expect(limits.isOpen("web1", START_EPOCH_MS + atMs)).toBe(false);
    }
    expect(limits.countsOf("web1", START_EPOCH_MS + atMs)).toMatchObject({ breakerOpenings: 10 });
  });

  it.each([
    { what: "a day after it closed", pauseMs: 1440 * MINUTE_MS, minutes: 10 },
    { what: "a millisecond less", pauseMs: 1440 * MINUTE_MS - 1, minutes: 20 },
  ])("opens $what for $minutes minutes", ({ pauseMs, minutes }) => {
    const limits = new MemberLimits();
    takeMany(limits, 121, 0);
    const atMs = 10 * MINUTE_MS + pauseMs;
    takeMany(limits, 121, atMs);
    const counts = limits.countsOf("web1", START_EPOCH_MS + atMs);
    expect(counts?.breakerOpenUntilEpochMs).toBe(START_EPOCH_MS + atMs + minutes * MINUTE_MS);
  });

  it("counts what it took and what was refused, by name", () => {
    const limits = new MemberLimits();
    takeMany(limits, 62, 0);
    refuseMany(limits, 3, 0, "too-wide");
    expect(limits.countsOf("web1", START_EPOCH_MS)).toEqual({
      accepted: 60,
      refused: new Map([
        ["over-quota", 2],
        ["too-wide", 3],
      ]),
      bansLastMinute: 62,
      breakerOpenings: 0,
      breakerOpenUntilEpochMs: undefined,
    });
    expect(limits.countsOf("web2", START_EPOCH_MS)).toBeUndefined();
  });

  it(`remembers ${MAX_MEMBERS} members, and takes nothing of more`, () => {
    const limits = new MemberLimits();
    for (let each = 0; each < MAX_MEMBERS; each += 1) {
      expect(limits.refused(`m${each}`, "expired", START_EPOCH_MS)).toBe(false);
    }
    expect(takeMany(limits, 1, 0, BAN, "one-more")).toEqual(["over-quota"]);
    expect(takeMany(limits, 1, 0, BAN, "m0")).toEqual(["within"]);
    limits.forget("m1");
    expect(takeMany(limits, 1, 0, BAN, "one-more")).toEqual(["within"]);
    expect(limits.size).toBe(MAX_MEMBERS);
  });
});
