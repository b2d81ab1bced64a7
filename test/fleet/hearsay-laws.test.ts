import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOneSource } from "../../src/fleet/admission.ts";
import { type Hearsay, WAIT_MS } from "../../src/fleet/hearsay.ts";
import { anyBody, DAY_MS, FEW_SOURCES, START_EPOCH_MS } from "./records.ts";
import { SELF, ToldHearsay, TRUSTED } from "./told-hearsay.ts";

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
  const fleet = new ToldHearsay();
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

const standings = ({ hearsay, hearing }: ToldHearsay) =>
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
