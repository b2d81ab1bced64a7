import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Arrival, admit, isOneSource } from "../../src/fleet/admission.ts";
import type { FleetBody } from "../../src/fleet/record.ts";
import { anyBody, DAY_MS, prefix, recordOf, START_EPOCH_MS } from "./records.ts";

const TRUSTED = prefix("192.0.2.2");

const arrival = (rest: Partial<Arrival> = {}): Arrival => ({
  subject: { kind: "ban", member: "web1" },
  storedAtEpochMs: START_EPOCH_MS,
  nowEpochMs: START_EPOCH_MS,
  isTrusted: (source) => source === TRUSTED,
  ...rest,
});

const said = (admission: ReturnType<typeof admit>) =>
  admission.status === "refused" ? admission.refusal : admission.status;

const ban = (source = "192.0.2.7", untilEpochMs?: number): FleetBody => ({
  ...{ kind: "ban", source: prefix(source), evidence: "proven" },
  ...(untilEpochMs === undefined ? {} : { untilEpochMs }),
});

describe("admit", () => {
  it.each([
    { what: "another member", subject: { kind: "ban", member: "web2" }, outcome: "wrong-member" },
    { what: "another kind", subject: { kind: "unban", member: "web1" }, outcome: "wrong-kind" },
    { what: "its own", subject: { kind: "ban", member: "web1" }, outcome: "accepted" },
  ])("of a record under the subject of $what says $outcome", ({ subject, outcome }) => {
    expect(said(admit(recordOf(ban()), arrival({ subject })))).toBe(outcome);
  });

  it.each([
    { what: "2 minutes ahead", issuedMs: 120_000, lifeMs: 1, outcome: "accepted" },
    { what: "a millisecond more ahead", issuedMs: 120_001, lifeMs: 1, outcome: "issued-ahead" },
    { what: "a day ago, and just expired", issuedMs: -DAY_MS, lifeMs: DAY_MS, outcome: "expired" },
    {
      what: "more than a day ago",
      issuedMs: -DAY_MS - 1,
      lifeMs: DAY_MS,
      outcome: "issued-long-ago",
    },
    { what: "now, for a day", issuedMs: 0, lifeMs: DAY_MS, outcome: "accepted" },
    { what: "now, for longer", issuedMs: 0, lifeMs: DAY_MS + 1, outcome: "lasts-too-long" },
    { what: "now, for no time", issuedMs: 0, lifeMs: 0, outcome: "ends-before-it-begins" },
    { what: "now, for less", issuedMs: 0, lifeMs: -1, outcome: "ends-before-it-begins" },
    { what: "a second ago, for a second", issuedMs: -1000, lifeMs: 1000, outcome: "expired" },
    { what: "a second ago, for a bit more", issuedMs: -1000, lifeMs: 1001, outcome: "accepted" },
  ])("of a record issued $what says $outcome", ({ issuedMs, lifeMs, outcome }) => {
    const issuedAtEpochMs = START_EPOCH_MS + issuedMs;
    const times = { issuedAtEpochMs, expiresAtEpochMs: issuedAtEpochMs + lifeMs };
    expect(said(admit(recordOf(ban(), times), arrival()))).toBe(outcome);
  });

  it.each([
    { what: "one that has just ended", untilMs: 0, nowMs: 0, outcome: "ends-before-it-begins" },
    { what: "one of a millisecond", untilMs: 1, nowMs: 0, outcome: "accepted" },
    { what: "one that is over by now", untilMs: 5, nowMs: 5, outcome: "lapsed" },
    { what: "one that is almost over", untilMs: 5, nowMs: 4, outcome: "accepted" },
  ])("of a ban, $what, says $outcome", ({ untilMs, nowMs, outcome }) => {
    const record = recordOf(ban("192.0.2.7", START_EPOCH_MS + untilMs));
    const came = arrival({ nowEpochMs: START_EPOCH_MS + nowMs });
    expect(said(admit(record, came))).toBe(outcome);
  });

  it("never lets an unban lapse, which may end what has not", () => {
    const unban = recordOf(
      { kind: "unban", source: "192.0.2.7/32", isTombstone: false },
      { expiresAtEpochMs: START_EPOCH_MS + 1 },
    );
    const subject = { kind: "unban", member: "web1" };
    expect(said(admit(unban, arrival({ subject, nowEpochMs: START_EPOCH_MS + 5 })))).toBe(
      "accepted",
    );
  });

  it.each([
    { source: "0.0.0.0/0", outcome: "too-wide" },
    { source: "192.0.2.0/24", outcome: "too-wide" },
    { source: "192.0.2.6/31", outcome: "too-wide" },
    { source: "192.0.2.7/32", outcome: "accepted" },
    { source: "192.0.2.2/32", outcome: "trusted" },
    { source: "::/0", outcome: "too-wide" },
    { source: "2001:db8::/63", outcome: "too-wide" },
    { source: "2001:db8::/64", outcome: "accepted" },
    { source: "2001:db8::1/128", outcome: "accepted" },
  ])("of a ban of $source says $outcome", ({ source, outcome }) => {
    expect(said(admit(recordOf(ban(source)), arrival()))).toBe(outcome);
  });

  const contact = (source: string) => ({
    ...{ source, transport: "tcp" as const, port: 23 },
    ...{ evidence: "claimed" as const, atEpochMs: START_EPOCH_MS },
  });
  const subject = { kind: "contacts", member: "web1" };

  it("leaves contacts of who is trusted out, and refuses what has no others", () => {
    const sources = ["192.0.2.2/32", "192.0.2.7/32", "192.0.2.2/32"];
    const record = recordOf({ kind: "contacts", contacts: sources.map(contact) });
    const admission = admit(record, arrival({ subject }));
    expect(admission).toMatchObject({
      ...{ status: "accepted", leftOut: 2 },
      record: { body: { contacts: [{ source: "192.0.2.7/32" }] } },
    });
    const trusted = recordOf({ kind: "contacts", contacts: [contact("192.0.2.2/32")] });
    expect(said(admit(trusted, arrival({ subject })))).toBe("trusted");
  });

  it("refuses all contacts when one of them is too wide", () => {
    const sources = ["192.0.2.7/32", "192.0.2.0/24"];
    const record = recordOf({ kind: "contacts", contacts: sources.map(contact) });
    expect(said(admit(record, arrival({ subject })))).toBe("too-wide");
  });

  it.each([
    { firstMs: 0, lastMs: 0, outcome: "accepted" },
    { firstMs: 1, lastMs: 0, outcome: "ends-before-it-begins" },
  ])("of a campaign from $firstMs to $lastMs says $outcome", ({ firstMs, lastMs, outcome }) => {
    const record = recordOf({
      ...{ kind: "campaign", source: "192.0.2.7/32", campaignId: "c", packets: 1, portCount: 1 },
      ...{ firstAtEpochMs: firstMs, lastAtEpochMs: lastMs, evidence: "claimed", verdict: "scan" },
    });
    const came = arrival({ subject: { kind: "campaign", member: "web1" } });
    expect(said(admit(record, came))).toBe(outcome);
  });

  it("accepts nothing of more than one source or of who is trusted, whatever is said", () => {
    const offset = fc.integer({ min: -2 * DAY_MS, max: 2 * DAY_MS });
    fc.assert(
      fc.property(anyBody, offset, offset, (body, issuedMs, lifeMs) => {
        const issuedAtEpochMs = START_EPOCH_MS + issuedMs;
        const times = { issuedAtEpochMs, expiresAtEpochMs: issuedAtEpochMs + lifeMs };
        const came = arrival({ subject: { kind: body.kind, member: "web1" } });
        const admission = admit(recordOf(body, times), came);
        if (admission.status !== "accepted") return;
        const { body: kept } = admission.record;
        const items = kept.kind === "contacts" ? kept.contacts : [kept];
        expect(items.length).toBeGreaterThan(0);
        expect(items.every(({ source }) => isOneSource(source) && source !== TRUSTED)).toBe(true);
        expect(lifeMs).toBeLessThanOrEqual(DAY_MS);
      }),
      { numRuns: 500 },
    );
  });
});
