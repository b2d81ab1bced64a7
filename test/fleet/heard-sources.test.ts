import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_SAYINGS_A_SOURCE, SWEPT_AT_ONCE } from "../../src/fleet/heard-sources.ts";
import type { FleetBody } from "../../src/fleet/record.ts";
import { DAY_MS, prefix, recordOf, START_EPOCH_MS } from "./records.ts";
import { ban, contacts, S, SELF, ToldHearsay, unban, verdict } from "./told-hearsay.ts";

describe("the memory of Hearsay", () => {
  const capacity = { sources: 20, sayings: 40, sourcesAMember: 5 };
  const host = (number: number) => prefix(`198.51.100.${number}`);

  it("lets a member have no more bans in force than its share, until some are over", () => {
    const fleet = new ToldHearsay({ capacity });
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
    const fleet = new ToldHearsay({ capacity });
    fleet.says("a", ban("alive", host(200)));
    fleet.says("b", contacts("claimed", host(201)));
    for (let each = 0; each < 100; each += 1) fleet.says("a", contacts("claimed", host(each)));
    expect(fleet.hearsay.size).toEqual({ sources: 6, sayings: 6 });
    expect(fleet.hearsay.sayingsOf(host(99))).toHaveLength(1);
    expect(fleet.hearsay.sayingsOf(host(95))).toHaveLength(0);
    expect(fleet.hearsay.sayingsOf(host(200))).toHaveLength(1);
  });

  it("forgets the least convincing source first, and never for this guard's sake a member's ban", () => {
    const fleet = new ToldHearsay({ capacity });
    fleet.says("a", ban("alive", host(200)));
    for (let each = 0; each < 100; each += 1) fleet.says(SELF, contacts("claimed", host(each)));
    expect(fleet.hearsay.size.sources).toBe(20);
    expect(fleet.hearsay.sayingsOf(host(200))).toHaveLength(1);
    expect(fleet.hearsay.sayingsOf(host(80))).toHaveLength(0);
    expect(fleet.hearsay.sayingsOf(host(81))).toHaveLength(1);
  });

  it("sweeps so many sources at once and goes on with the next, until all are swept", () => {
    const fleet = new ToldHearsay();
    const many = SWEPT_AT_ONCE + 1;
    for (let each = 0; each < many; each += 1) {
      const source = prefix(`10.0.${each >> 8}.${each & 255}`);
      fleet.says(SELF, contacts("claimed", source));
    }
    const left = [1, 2, 3].map(() => {
      fleet.hearsay.sweep(START_EPOCH_MS + DAY_MS);
      return fleet.hearsay.size.sources;
    });
    expect(left).toEqual([1, 0, 0]);
    fleet.says("a", contacts("claimed"));
    fleet.hearsay.sweep(START_EPOCH_MS + DAY_MS);
    expect(fleet.hearsay.size.sources).toBe(0);
  });

  it("keeps the most telling members of a source", () => {
    const fleet = new ToldHearsay();
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
        const fleet = new ToldHearsay({ capacity });
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
