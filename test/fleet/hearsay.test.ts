import { describe, expect, it } from "vitest";
import { type Outcome, WAIT_MS } from "../../src/fleet/hearsay.ts";
import type { FleetBody } from "../../src/fleet/record.ts";
import { ratioOf } from "../../src/model/walk.ts";
import { DAY_MS, prefix, START_EPOCH_MS } from "./records.ts";
import {
  ban,
  contacts,
  HALF_LIFE_MS,
  S,
  SELF,
  ToldHearsay,
  unban,
  verdict,
} from "./told-hearsay.ts";

const brief = (outcomes: readonly Outcome[]) =>
  outcomes.map((each) =>
    each.kind === "convict"
      ? `${each.source} ${each.rule} ${each.evidence} ${each.members.join("+")}`
      : `${each.source} withdrawn`,
  );

describe("Hearsay", () => {
  it("convicts on one member's proven ban, after it has waited", () => {
    const fleet = new ToldHearsay();
    expect(fleet.says("web1", ban("proven"))).toEqual([]);
    expect(fleet.hearsay.dueAtMs).toBe(WAIT_MS);
    expect(fleet.waits(WAIT_MS - 1)).toEqual([]);
    expect(fleet.waits(1)).toEqual([
      {
        kind: "convict",
        source: S,
        untilEpochMs: START_EPOCH_MS + DAY_MS,
        rule: "ban",
        evidence: "proven",
        members: ["web1"],
        reason: "banned by web1 on proven evidence",
      },
    ]);
    expect(fleet.hearsay.dueAtMs).toBeUndefined();
    expect(fleet.waits(WAIT_MS)).toEqual([]);
  });

  it("does not wait when a second member says so", () => {
    const fleet = new ToldHearsay();
    fleet.says("web1", ban("proven"));
    expect(brief(fleet.says("web2", ban("proven")))).toEqual([`${S} ban proven web1+web2`]);
    expect(fleet.waits(WAIT_MS)).toEqual([]);
  });

  it.each<{ what: string; said: [string, FleetBody][]; told: string[] }>([
    { what: "one verdict on proven evidence", said: [["a", verdict("proven")]], told: [] },
    {
      what: "one member's verdict and ban",
      said: [
        ["a", verdict("proven")],
        ["a", ban("alive")],
      ],
      told: [],
    },
    {
      what: "two on alive evidence",
      said: [
        ["a", verdict("alive")],
        ["b", ban("alive")],
      ],
      told: [`${S} convictions alive a+b`],
    },
    {
      what: "one on alive and one on claimed",
      said: [
        ["a", ban("alive")],
        ["b", ban("claimed")],
      ],
      told: [],
    },
    {
      what: "one proven verdict and one alive: one's word lifts nothing",
      said: [
        ["a", verdict("proven")],
        ["b", verdict("alive")],
      ],
      told: [`${S} convictions alive a+b`],
    },
    {
      what: "one on alive and a first contact here",
      said: [
        [SELF, contacts("claimed")],
        ["a", verdict("alive")],
      ],
      told: [`${S} convictions claimed a+${SELF}`],
    },
    {
      what: "this guard's own alone",
      said: [
        [SELF, ban("proven")],
        [SELF, contacts("proven")],
      ],
      told: [],
    },
    {
      what: "a first contact of another",
      said: [
        ["a", contacts("proven")],
        ["b", verdict("proven")],
      ],
      told: [],
    },
    {
      what: "three members' first contacts",
      said: ["a", "b", "c"].map((member) => [member, contacts("proven")]),
      told: [],
    },
    {
      what: "four members' first contacts",
      said: ["a", "b", "c", SELF].map((member) => [member, contacts("claimed")]),
      told: [`${S} contacts claimed a+b+c+${SELF}`],
    },
    {
      what: "four of which one is alive",
      said: [
        ["a", contacts("alive")],
        ...["b", "c", "d"].map((member): [string, FleetBody] => [member, contacts("claimed")]),
      ],
      told: [`${S} contacts claimed a+b+c+d`],
    },
    {
      what: "four of which two are alive",
      said: [
        ...["a", "d"].map((member): [string, FleetBody] => [member, contacts("alive")]),
        ...["b", "c"].map((member): [string, FleetBody] => [member, contacts("claimed")]),
      ],
      told: [`${S} contacts alive a+b+c+d`],
    },
    {
      what: "four of which one is proven",
      said: [
        ["a", contacts("proven")],
        ...["b", "c", "d"].map((member): [string, FleetBody] => [member, contacts("claimed")]),
      ],
      told: [`${S} contacts proven a+b+c+d`],
    },
    {
      what: "one member's contacts, four times",
      said: Array.from({ length: 4 }, () => ["a", contacts("claimed")]),
      told: [],
    },
  ])("of $what tells $told", ({ said, told }) => {
    const fleet = new ToldHearsay();
    const outcomes = said.flatMap(([member, body]) => fleet.says(member, body));
    expect(brief([...outcomes, ...fleet.waits(WAIT_MS)])).toEqual(told);
  });

  it("takes five members when the source has a connection to a service here", () => {
    const fleet = new ToldHearsay();
    fleet.says("a", contacts("claimed"));
    fleet.hearsay.hearHit(S, { transport: "tcp", port: 443 }, START_EPOCH_MS);
    fleet.nowMs = 1;
    for (const member of ["b", "c", "d"]) {
      expect(fleet.says(member, contacts("claimed"))).toEqual([]);
    }
    expect(brief(fleet.says("e", contacts("claimed")))).toEqual([
      `${S} contacts claimed a+b+c+d+e`,
    ]);
  });

  it("lets first contacts fade by the half-life, and its score says how", () => {
    const fleet = new ToldHearsay();
    for (const member of ["a", "b", "c", "d"]) {
      expect(fleet.says(member, contacts("claimed"))).toEqual([]);
      fleet.nowMs += HALF_LIFE_MS / 2;
    }
    expect(fleet.says("e", contacts("claimed"))).toEqual([]);
    const [told] = fleet.says("f", contacts("claimed"));
    const score = told?.kind === "convict" ? told.score : undefined;
    expect(score?.steps).toHaveLength(6);
    expect(score?.value).toBeGreaterThanOrEqual(99);
    expect(ratioOf(score?.steps ?? [], HALF_LIFE_MS)).toBeCloseTo(score?.value ?? 0, 6);
  });

  it("tells again when the evidence rises, and not when more say the same", () => {
    const fleet = new ToldHearsay();
    fleet.says("a", verdict("alive"));
    fleet.says("b", verdict("alive"));
    expect(fleet.says("c", verdict("alive"))).toEqual([]);
    expect(brief(fleet.says("a", ban("proven")))).toEqual([]);
    expect(brief(fleet.waits(WAIT_MS))).toEqual([`${S} ban proven a`]);
  });

  it("withdraws what does not stand without the member that takes it back", () => {
    const fleet = new ToldHearsay();
    fleet.says("a", verdict("alive"));
    fleet.says("b", verdict("alive"));
    fleet.says("c", verdict("alive"));
    expect(fleet.says("a", unban())).toEqual([]);
    expect(fleet.says("b", unban())).toEqual([
      { kind: "withdraw", source: S, reason: "b: it takes it back" },
    ]);
    expect(fleet.says("b", unban())).toEqual([]);
    expect(brief(fleet.says("b", verdict("alive")))).toEqual([`${S} convictions alive b+c`]);
  });

  it("takes back what was said before, by its numbers, when it comes late", () => {
    const fleet = new ToldHearsay();
    fleet.says("a", contacts("claimed"));
    fleet.says("a", unban(), { sequence: 100 });
    fleet.says("a", ban("proven"), { sequence: 99 });
    expect(fleet.waits(WAIT_MS)).toEqual([]);
    fleet.says("a", ban("proven"), { sequence: 101 });
    expect(brief(fleet.waits(WAIT_MS))).toEqual([`${S} ban proven a`]);
  });

  it("buries what anybody said before a tombstone, and not what is said after", () => {
    const fleet = new ToldHearsay();
    for (const member of ["a", "b"]) fleet.says(member, ban("proven"));
    expect(brief(fleet.says("c", unban(true)))).toEqual([`${S} withdrawn`]);
    expect(fleet.waits(WAIT_MS)).toEqual([]);
    // Issued before, and heard after: it was in a spool.
    fleet.says("d", ban("proven"), { issuedAtEpochMs: START_EPOCH_MS });
    expect(fleet.waits(WAIT_MS)).toEqual([]);
    fleet.says("a", ban("proven"));
    expect(brief(fleet.waits(WAIT_MS))).toEqual([`${S} ban proven a`]);
  });

  it("brings back what a tombstone has buried when its member is distrusted", () => {
    const fleet = new ToldHearsay();
    for (const member of ["a", "b"]) fleet.says(member, ban("proven"));
    fleet.says("c", unban(true));
    expect(brief(fleet.hearsay.distrust("c", fleet.hearing))).toEqual([`${S} ban proven a+b`]);
  });

  it("weakens what stands without the member that is distrusted on weaker evidence", () => {
    const fleet = new ToldHearsay();
    for (const member of ["a", "b"]) fleet.says(member, verdict("alive"));
    fleet.says("c", ban("proven"));
    fleet.waits(WAIT_MS);
    expect(brief(fleet.hearsay.distrust("c", fleet.hearing))).toEqual([
      `${S} convictions alive a+b`,
    ]);
  });

  it.each([
    { what: "since then", sinceMs: 1000, left: [] },
    { what: "a millisecond later", sinceMs: 1001, left: ["proven"] },
  ])("takes back what was stored $what, and nothing before", ({ sinceMs, left }) => {
    const fleet = new ToldHearsay();
    fleet.says("a", ban("proven", prefix("192.0.2.7")));
    fleet.nowMs = 1000;
    fleet.says("a", ban("proven"), { issuedAtEpochMs: START_EPOCH_MS });
    fleet.hearsay.takeBackSince("a", START_EPOCH_MS + sinceMs, fleet.hearing);
    expect(fleet.hearsay.sayingsOf(S).map((saying) => saying.ban?.evidence)).toEqual(left);
    expect(fleet.hearsay.sayingsOf(prefix("192.0.2.7"))).toHaveLength(1);
  });

  it.each([
    { what: "a millisecond before", atMs: 999, stands: true },
    { what: "at", atMs: 1000, stands: false },
  ])("$what its end, that a ban stands is $stands", ({ atMs, stands }) => {
    const fleet = new ToldHearsay();
    fleet.says("a", {
      kind: "ban",
      source: S,
      evidence: "proven",
      untilEpochMs: START_EPOCH_MS + 1000,
    });
    expect(fleet.hearsay.standingOf(S, START_EPOCH_MS + atMs) !== undefined).toBe(stands);
  });

  it("convicts no longer than what was said is in force", () => {
    const fleet = new ToldHearsay();
    const end = (hours: number) => ({ expiresAtEpochMs: START_EPOCH_MS + hours * 3_600_000 });
    fleet.says("a", verdict("alive"), end(3));
    const [first] = fleet.says("c", verdict("alive"), end(1));
    expect(first?.kind === "convict" ? first.untilEpochMs : 0).toBe(START_EPOCH_MS + 3_600_000);
  });

  it("forgets what is over", () => {
    const fleet = new ToldHearsay();
    for (const member of ["a", "b"]) fleet.says(member, verdict("alive"));
    fleet.hearsay.sweep(START_EPOCH_MS + DAY_MS - 1);
    expect(fleet.hearsay.size).toEqual({ sources: 1, sayings: 2 });
    fleet.hearsay.sweep(START_EPOCH_MS + DAY_MS);
    expect(fleet.hearsay.size).toEqual({ sources: 0, sayings: 0 });
  });

  it("convicts nobody who is trusted, though it became so while the conviction waited", () => {
    let isTrusted = false;
    const fleet = new ToldHearsay({ isTrusted: () => isTrusted });
    fleet.says("a", ban("proven"));
    isTrusted = true;
    expect(fleet.waits(WAIT_MS)).toEqual([]);
  });
});
