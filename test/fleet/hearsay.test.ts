import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOneSource } from "../../src/fleet/admission.ts";
import { MAX_SAYINGS_A_SOURCE } from "../../src/fleet/heard-sources.ts";
import { Hearsay, type HearsayOptions, type Outcome, WAIT_MS } from "../../src/fleet/hearsay.ts";
import type { FleetBody, FleetRecord } from "../../src/fleet/record.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { ratioOf } from "../../src/model/walk.ts";
import { anyBody, DAY_MS, FEW_SOURCES, prefix, recordOf, START_EPOCH_MS } from "./records.ts";

const SELF = "here";
const HALF_LIFE_MS = 21_600_000;
const S = prefix("192.0.2.1");
const TRUSTED = prefix("192.0.2.2");

/** A hearsay with a clock, and members that say one thing after the other. */
class Fleet {
  readonly hearsay: Hearsay;
  nowMs = 0;
  #sequence = 1;

  constructor(options: Partial<HearsayOptions> = {}) {
    this.hearsay = new Hearsay({
      ...{ self: SELF, halfLifeMs: HALF_LIFE_MS, isTrusted: (source) => source === TRUSTED },
      ...options,
    });
  }

  get hearing() {
    return { nowMs: this.nowMs, nowEpochMs: START_EPOCH_MS + this.nowMs };
  }

  says(member: string, body: FleetBody, rest: Partial<FleetRecord> = {}): readonly Outcome[] {
    const at = START_EPOCH_MS + this.nowMs;
    this.#sequence += 1;
    const record = recordOf(body, {
      ...{ member, sequence: this.#sequence, issuedAtEpochMs: at },
      ...rest,
    });
    return this.hearsay.hear(record, at, this.hearing).outcomes;
  }

  waits(ms: number): readonly Outcome[] {
    this.nowMs += ms;
    return this.hearsay.release(this.hearing);
  }
}

const ban = (evidence: Evidence, source = S): FleetBody => ({ kind: "ban", source, evidence });
const verdict = (evidence: Evidence, source = S): FleetBody => ({
  ...{ kind: "verdict", source, evidence },
  ...{ ruleId: "sequential", campaignId: "c-1" },
});
const contacts = (evidence: Evidence, source = S): FleetBody => ({
  kind: "contacts",
  contacts: [{ source, evidence, transport: "tcp", port: 23, atEpochMs: Number.MAX_SAFE_INTEGER }],
});
const unban = (isTombstone = false, source = S): FleetBody => ({
  kind: "unban",
  source,
  isTombstone,
});

const brief = (outcomes: readonly Outcome[]) =>
  outcomes.map((each) =>
    each.kind === "convict"
      ? `${each.source} ${each.rule} ${each.evidence} ${each.members.join("+")}`
      : `${each.source} withdrawn`,
  );

describe("Hearsay", () => {
  it("convicts on one member's proven ban, after it has waited", () => {
    const fleet = new Fleet();
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
    const fleet = new Fleet();
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
    const fleet = new Fleet();
    const outcomes = said.flatMap(([member, body]) => fleet.says(member, body));
    expect(brief([...outcomes, ...fleet.waits(WAIT_MS)])).toEqual(told);
  });

  it("takes five members when the source has a connection to a service here", () => {
    const fleet = new Fleet();
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
    const fleet = new Fleet();
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
    const fleet = new Fleet();
    fleet.says("a", verdict("alive"));
    fleet.says("b", verdict("alive"));
    expect(fleet.says("c", verdict("alive"))).toEqual([]);
    expect(brief(fleet.says("a", ban("proven")))).toEqual([]);
    expect(brief(fleet.waits(WAIT_MS))).toEqual([`${S} ban proven a`]);
  });

  it("withdraws what does not stand without the member that takes it back", () => {
    const fleet = new Fleet();
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
    const fleet = new Fleet();
    fleet.says("a", contacts("claimed"));
    fleet.says("a", unban(), { sequence: 100 });
    fleet.says("a", ban("proven"), { sequence: 99 });
    expect(fleet.waits(WAIT_MS)).toEqual([]);
    fleet.says("a", ban("proven"), { sequence: 101 });
    expect(brief(fleet.waits(WAIT_MS))).toEqual([`${S} ban proven a`]);
  });

  it("buries what anybody said before a tombstone, and not what is said after", () => {
    const fleet = new Fleet();
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
    const fleet = new Fleet();
    for (const member of ["a", "b"]) fleet.says(member, ban("proven"));
    fleet.says("c", unban(true));
    expect(brief(fleet.hearsay.distrust("c", fleet.hearing))).toEqual([`${S} ban proven a+b`]);
  });

  it("weakens what stands without the member that is distrusted on weaker evidence", () => {
    const fleet = new Fleet();
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
    const fleet = new Fleet();
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
    const fleet = new Fleet();
    fleet.says("a", {
      kind: "ban",
      source: S,
      evidence: "proven",
      untilEpochMs: START_EPOCH_MS + 1000,
    });
    expect(fleet.hearsay.standingOf(S, START_EPOCH_MS + atMs) !== undefined).toBe(stands);
  });

  it("convicts no longer than what was said is in force", () => {
    const fleet = new Fleet();
    const end = (hours: number) => ({ expiresAtEpochMs: START_EPOCH_MS + hours * 3_600_000 });
    fleet.says("a", verdict("alive"), end(3));
    const [first] = fleet.says("c", verdict("alive"), end(1));
    expect(first?.kind === "convict" ? first.untilEpochMs : 0).toBe(START_EPOCH_MS + 3_600_000);
  });

  it("forgets what is over", () => {
    const fleet = new Fleet();
    for (const member of ["a", "b"]) fleet.says(member, verdict("alive"));
    fleet.hearsay.sweep(START_EPOCH_MS + DAY_MS - 1);
    expect(fleet.hearsay.size).toEqual({ sources: 1, sayings: 2 });
    fleet.hearsay.sweep(START_EPOCH_MS + DAY_MS);
    expect(fleet.hearsay.size).toEqual({ sources: 0, sayings: 0 });
  });

  it("convicts nobody who is trusted, though it became so while the conviction waited", () => {
    let isTrusted = false;
    const fleet = new Fleet({ isTrusted: () => isTrusted });
    fleet.says("a", ban("proven"));
    isTrusted = true;
    expect(fleet.waits(WAIT_MS)).toEqual([]);
  });
});

describe("the memory of Hearsay", () => {
  const capacity = { sources: 20, sayings: 40, sourcesAMember: 5 };
  const host = (number: number) => prefix(`198.51.100.${number}`);

  it("lets a member have no more bans in force than its share, until some are over", () => {
    const fleet = new Fleet({ capacity });
    for (let each = 0; each < 5; each += 1) fleet.says("a", ban("proven", host(each)));
    const record = recordOf(ban("proven", host(5)), { member: "a", sequence: 99 });
    expect(fleet.hearsay.hear(record, START_EPOCH_MS, fleet.hearing).status).toBe(
      "too-many-in-force",
    );
    expect(fleet.hearsay.inForceOf("a")).toBe(5);
    fleet.nowMs = DAY_MS;
    fleet.says("a", ban("proven", host(6)));
    expect(fleet.hearsay.sayingsOf(host(6))).toHaveLength(1);
    expect(fleet.hearsay.sayingsOf(host(0))).toHaveLength(0);
  });

  it("has a member's flood of first contacts push out its own, and no bans", () => {
    const fleet = new Fleet({ capacity });
    fleet.says("a", ban("alive", host(200)));
    fleet.says("b", contacts("claimed", host(201)));
    for (let each = 0; each < 100; each += 1) fleet.says("a", contacts("claimed", host(each)));
    expect(fleet.hearsay.size).toEqual({ sources: 6, sayings: 6 });
    expect(fleet.hearsay.sayingsOf(host(99))).toHaveLength(1);
    expect(fleet.hearsay.sayingsOf(host(95))).toHaveLength(0);
    expect(fleet.hearsay.sayingsOf(host(200))).toHaveLength(1);
  });

  it("forgets the least convincing source first, and never for this guard's sake a member's ban", () => {
    const fleet = new Fleet({ capacity });
    fleet.says("a", ban("alive", host(200)));
    for (let each = 0; each < 100; each += 1) fleet.says(SELF, contacts("claimed", host(each)));
    expect(fleet.hearsay.size.sources).toBe(20);
    expect(fleet.hearsay.sayingsOf(host(200))).toHaveLength(1);
    expect(fleet.hearsay.sayingsOf(host(80))).toHaveLength(0);
    expect(fleet.hearsay.sayingsOf(host(81))).toHaveLength(1);
  });

  it("keeps the most telling members of a source", () => {
    const fleet = new Fleet();
    for (let each = 0; each < MAX_SAYINGS_A_SOURCE + 4; each += 1) {
      fleet.says(`m${each}`, contacts("claimed"));
    }
    expect(fleet.hearsay.size.sayings).toBe(MAX_SAYINGS_A_SOURCE);
    fleet.says("late", ban("proven"));
    const members = fleet.hearsay.sayingsOf(S).map(({ member }) => member);
    expect(members).toHaveLength(MAX_SAYINGS_A_SOURCE);
    expect(members).toContain("late");
  });

  const noise = fc.array(
    fc.record({
      member: fc.nat({ max: 30 }),
      source: fc.nat({ max: 60 }),
      body: fc.nat({ max: 3 }),
    }),
    { maxLength: 300 },
  );

  it("stays within its bounds, whoever says what", () => {
    fc.assert(
      fc.property(noise, (said) => {
        const fleet = new Fleet({ capacity });
        for (const { member, source, body } of said) {
          const of = [ban("proven"), verdict("alive"), contacts("alive"), unban(true)];
          fleet.says(`m${member}`, { ...(of[body] as FleetBody), ...at(source, of[body]) });
          expect(fleet.hearsay.size.sources).toBeLessThanOrEqual(capacity.sources);
          expect(fleet.hearsay.size.sayings).toBeLessThanOrEqual(capacity.sayings);
        }
      }),
    );
    function at(number: number, body: FleetBody | undefined): object {
      if (body?.kind !== "contacts") return { source: host(number) };
      return { contacts: body.contacts.map((each) => ({ ...each, source: host(number) })) };
    }
  });
});

const MEMBERS = ["a", "b", "c", "d", SELF, "thief"] as const;

const anyAct = fc.record({
  member: fc.constantFrom(...MEMBERS),
  body: anyBody,
  pauseMs: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 40_000_000 })),
  agoMs: fc.constantFrom(0, 0, 1000, 80_000_000),
  lifeMs: fc.constantFrom(DAY_MS, DAY_MS, 60_000),
});
type Act = typeof anyAct extends fc.Arbitrary<infer Each> ? Each : never;

/** Plays the acts of those whom `isHeard` lets speak; all have the time that they take. */
function play(acts: readonly Act[], isHeard: (member: string) => boolean = () => true) {
  const fleet = new Fleet();
  const outcomes = acts.flatMap(({ member, body, pauseMs, agoMs, lifeMs }, index) => {
    const released = fleet.waits(pauseMs);
    if (!isHeard(member)) return released;
    const issuedAtEpochMs = START_EPOCH_MS + fleet.nowMs - agoMs;
    const expiresAtEpochMs = issuedAtEpochMs + lifeMs;
    const rest = { sequence: index + 1, issuedAtEpochMs, expiresAtEpochMs };
    return [...released, ...fleet.says(member, body, rest)];
  });
  return { fleet, outcomes: [...outcomes, ...fleet.waits(WAIT_MS)] };
}

const standings = ({ hearsay, hearing }: Fleet) =>
  FEW_SOURCES.map((source) => hearsay.standingOf(source, hearing.nowEpochMs));

describe("whatever members say", () => {
  const anyActs = fc.array(anyAct, { maxLength: 60 });

  it("never convicts who is trusted, nor more than one source", () => {
    fc.assert(
      fc.property(anyActs, (acts) => {
        for (const { source } of play(acts).outcomes) {
          expect(source).not.toBe(TRUSTED);
          expect(isOneSource(source)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("one member alone convicts only by proven bans", () => {
    fc.assert(
      fc.property(anyActs, (acts) => {
        const { outcomes } = play(acts, (member) => member === "thief");
        for (const each of outcomes) {
          if (each.kind === "convict") expect(each.rule).toBe("ban");
        }
      }),
    );
  });

  it("gives the same answers to the same stream", () => {
    fc.assert(
      fc.property(anyActs, (acts) => {
        expect(play(acts).outcomes).toEqual(play(acts).outcomes);
      }),
    );
  });

  it("is, after a member is distrusted, as if that member had never spoken", () => {
    fc.assert(
      fc.property(anyActs, (acts) => {
        const { fleet } = play(acts);
        fleet.hearsay.distrust("thief", fleet.hearing);
        const { fleet: without } = play(acts, (member) => member !== "thief");
        expect(standings(fleet)).toEqual(standings(without));
        for (const source of FEW_SOURCES) {
          const byName = (hearsay: Hearsay) =>
            hearsay.sayingsOf(source).toSorted((a, b) => a.member.localeCompare(b.member));
          expect(byName(fleet.hearsay)).toEqual(byName(without.hearsay));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("withdraws only what it has told", () => {
    fc.assert(
      fc.property(anyActs, (acts) => {
        const told = new Set<string>();
        for (const { kind, source } of play(acts).outcomes) {
          if (kind === "withdraw") expect(told.delete(source)).toBe(true);
          else told.add(source);
        }
      }),
    );
  });
});
