/** What every journal must do, whatever it is kept in. */
import { afterEach, describe, expect, it } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import type { Ban } from "../../src/model/ban.ts";
import { EVIDENCE_LEVELS } from "../../src/model/evidence.ts";
import { ratioOf } from "../../src/model/walk.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";

/** A prefix of the documentation blocks, from text. */
export const prefix = (text: string) => parsePrefix(text) as Prefix;

/** A detector's ban on `text` from 1000 to 2000, but for what `more` says. */
export function banOf(text: string, more: Partial<Ban> = {}): Ban {
  return {
    prefix: prefix(text),
    sinceEpochMs: 1000,
    untilEpochMs: 2000,
    evidence: "claimed",
    origin: "detector",
    reason: "3 unused ports within 2 s: tcp 22-23, 25",
    ruleId: "trigger",
    campaignId: "c-1",
    means: ["nftables"],
    configRevision: "c0ffee",
    ...more,
  };
}

/** The newest first. */
const IPV4_BANS = [
  ...["198.51.100.7/32", "192.0.20.7/32", "192.0.2.0/24", "192.0.2.128/25", "192.0.2.7/32"],
  "10.0.0.0/8",
];

/** @param open gives a new and empty journal each time. */
export function describeJournal(name: string, open: () => Journal): void {
  describe(`${name}, as a journal`, () => {
    let journal: Journal;
    const opened = (...bans: Ban[]): Journal => {
      journal = open();
      for (const ban of bans) journal.recordBan(ban);
      return journal;
    };
    afterEach(() => journal.close());

    const listed = (limit = 100, after?: string) =>
      journal.activeBans(limit, after === undefined ? undefined : prefix(after)).map(textOf);
    const textOf = (ban: Ban): string => ban.prefix;

    it("begins empty", () => {
      opened();
      expect(listed()).toEqual([]);
      expect([...journal.eachActiveBan(10)]).toEqual([]);
      expect(journal.countActiveBans()).toBe(0);
      expect(journal.failures).toBe(0);
    });

    it.each<{ what: string; ban: Ban }>([
      { what: "a detector's ban", ban: banOf("192.0.2.7") },
      { what: "an IPv6 prefix", ban: banOf("2001:db8::/64", { evidence: "proven" }) },
      {
        what: "an operator's ban for good",
        ban: banOf("192.0.2.0/24", {
          untilEpochMs: undefined,
          origin: "operator",
          reason: "häufig ' ; -- \u0001",
          ruleId: undefined,
          campaignId: undefined,
        }),
      },
      { what: "a ban far in time", ban: banOf("192.0.2.7", { untilEpochMs: 8.64e15 }) },
    ])("gives $what back as it was", ({ ban }) => {
      opened(ban);
      expect(journal.findActiveBan(ban.prefix)).toEqual(ban);
      expect(journal.activeBans(1, undefined)).toEqual([ban]);
      expect([...journal.eachActiveBan(1)]).toEqual([[ban]]);
    });

    it("records many at once as one by one", () => {
      opened(banOf("192.0.2.7"));
      journal.recordBans([]);
      journal.recordBans([
        banOf("192.0.2.7", { sinceEpochMs: 1500, reason: "again" }),
        banOf("192.0.2.8", { sinceEpochMs: 1400 }),
      ]);
      expect(listed()).toEqual(["192.0.2.7/32", "192.0.2.8/32"]);
      expect(journal.findActiveBan(prefix("192.0.2.7"))?.reason).toBe("again");
      expect(journal.failures).toBe(0);
    });

    it("gives back a score from which its value can be made again", () => {
      const step = { transport: "tcp", afterMs: 0, factor: 4 } as const;
      const steps = [
        { ...step, port: 22 },
        { ...step, port: 23, afterMs: 1500, factor: 16 },
        { ...step, transport: "udp" as const, port: 161, afterMs: 3_600_000, factor: 2 },
      ];
      const halfLifeMs = 21_600_000;
      const score = { value: ratioOf(steps, halfLifeMs), halfLifeMs, steps };
      opened(banOf("192.0.2.7", { ruleId: "sequential", score }));
      const [listedBan] = journal.activeBans(1, undefined);
      expect(listedBan?.score).toEqual(score);
      const found = journal.findActiveBan(prefix("192.0.2.7"))?.score;
      expect(found).toEqual(score);
      expect(ratioOf(found?.steps ?? [], found?.halfLifeMs ?? 1)).toBe(score.value);
    });

    it("finds exactly a prefix, not one around it or inside it", () => {
      opened(banOf("192.0.2.0/24"));
      expect(journal.findActiveBan(prefix("192.0.2.0/25"))).toBeUndefined();
      expect(journal.findActiveBan(prefix("192.0.2.7"))).toBeUndefined();
      expect(journal.endBan(prefix("192.0.0.0/16"), "unbanned", 1500)).toBe(false);
    });

    it.each<{ what: string; bans: readonly string[] }>([
      { what: "192.0.2.0/24", bans: ["192.0.2.128/25", "192.0.2.7/32"] },
      { what: "192.0.2.6/31", bans: ["192.0.2.7/32"] },
      {
        what: "192.0.0.0/13",
        bans: ["192.0.20.7/32", "192.0.2.0/24", "192.0.2.128/25", "192.0.2.7/32"],
      },
      { what: "0.0.0.0/0", bans: IPV4_BANS },
      { what: "192.0.2.7/32", bans: [] },
      { what: "2001:db8::/32", bans: ["2001:db8:1::/64", "2001:db8::/64"] },
      { what: "2001:db8::/48", bans: ["2001:db8::/64"] },
      { what: "2001:db8::/63", bans: ["2001:db8::/64"] },
      { what: "2000::/3", bans: ["2001:db8:1::/64", "2001:db8::/64"] },
      { what: "2001:db8:1::/64", bans: [] },
      { what: "::/0", bans: ["fe80::7/128", "2001:db8:1::/64", "2001:db8::/64", "::5/128"] },
      { what: "::/64", bans: ["::5/128"] },
      { what: "fe80::/10", bans: ["fe80::7/128"] },
    ])("finds what is in force inside $what, the newest first", ({ what, bans }) => {
      const all = ["::5/128", "2001:db8::/64", "2001:db8:1::/64", "fe80::7/128"];
      opened(
        ...[...IPV4_BANS.toReversed(), ...all].map((text, index) =>
          banOf(text, { sinceEpochMs: index }),
        ),
        banOf("192.0.2.9"),
      );
      journal.endBan(prefix("192.0.2.9"), "unbanned", 1500);
      const found = journal.activeBansInside(prefix(what), 100);
      expect(found.bans.map(textOf)).toEqual(bans);
      expect(found.count).toEqual({ count: bans.length, isAtLeast: false });
      const few = journal.activeBansInside(prefix(what), 1);
      expect(few.bans.map(textOf)).toEqual(bans.slice(0, 1));
      expect(few.count.count).toBe(bans.length);
    });

    it("has one ban in force for a prefix: the last", () => {
      opened(banOf("192.0.2.7"), banOf("192.0.2.7", { sinceEpochMs: 1500, reason: "again" }));
      expect(journal.countActiveBans()).toBe(1);
      expect(journal.findActiveBan(prefix("192.0.2.7"))?.reason).toBe("again");
    });

    it("ends one ban once, and leaves the others", () => {
      opened(banOf("192.0.2.7"), banOf("192.0.2.8"));
      expect(journal.endBan(prefix("192.0.2.7"), "unbanned", 1500)).toBe(true);
      expect(journal.endBan(prefix("192.0.2.7"), "unbanned", 1500)).toBe(false);
      expect(journal.findActiveBan(prefix("192.0.2.7"))).toBeUndefined();
      expect(listed()).toEqual(["192.0.2.8/32"]);
    });

    it("ends all bans", () => {
      opened(banOf("192.0.2.7"), banOf("2001:db8::/64"));
      expect(journal.endAllBans("removed", 1500)).toBe(2);
      expect(journal.endAllBans("removed", 1500)).toBe(0);
      expect(journal.countActiveBans()).toBe(0);
    });

    it("marks as expired what has run out at that very moment, and nothing for good", () => {
      opened(
        banOf("192.0.2.1", { untilEpochMs: 1999 }),
        banOf("192.0.2.2", { untilEpochMs: 2000 }),
        banOf("192.0.2.3", { untilEpochMs: 2001 }),
        banOf("192.0.2.4", { untilEpochMs: undefined }),
      );
      expect(journal.expireBans(2000)).toBe(2);
      expect(journal.expireBans(2000)).toBe(0);
      expect(listed().sort()).toEqual(["192.0.2.3/32", "192.0.2.4/32"]);
    });

    it("lists the newest first, page by page, also where many began together", () => {
      opened(
        banOf("192.0.2.1", { sinceEpochMs: 3 }),
        banOf("192.0.2.2", { sinceEpochMs: 1 }),
        banOf("192.0.2.3", { sinceEpochMs: 2 }),
        banOf("192.0.2.4", { sinceEpochMs: 2 }),
        banOf("192.0.2.5", { sinceEpochMs: 2 }),
      );
      const all = ["192.0.2.1", "192.0.2.5", "192.0.2.4", "192.0.2.3", "192.0.2.2"];
      const texts = all.map((address) => `${address}/32`);
      expect(listed()).toEqual(texts);
      expect(listed(2)).toEqual(texts.slice(0, 2));
      expect(listed(2, all[1])).toEqual(texts.slice(2, 4));
      expect(listed(2, all[3])).toEqual(texts.slice(4));
      expect(listed(2, all[4])).toEqual([]);
      expect(listed(2, "192.0.2.99")).toEqual([]);
    });

    it.each([1, 2, 5, 7])("hands out every ban once in batches of %i, the oldest first", (size) => {
      const sinceEpochMs = [5, 3, 3, 3, 1];
      opened(
        ...sinceEpochMs.map((since, index) => banOf(`192.0.2.${index}`, { sinceEpochMs: since })),
      );
      const batches = [...journal.eachActiveBan(size)];
      expect(batches.flat().map(textOf)).toEqual(
        [4, 1, 2, 3, 0].map((index) => `192.0.2.${index}/32`),
      );
      expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(size);
    });

    it.each([5000, -5000])(
      "has the bans in force move with a clock that is set by %i ms",
      (byMs) => {
        opened(
          banOf("192.0.2.1", { sinceEpochMs: 6000, untilEpochMs: 9000 }),
          banOf("192.0.2.2", { sinceEpochMs: 7000, untilEpochMs: undefined }),
        );
        journal.moveBans(byMs);
        expect(journal.findActiveBan(prefix("192.0.2.1"))).toMatchObject({
          sinceEpochMs: 6000 + byMs,
          untilEpochMs: 9000 + byMs,
        });
        expect(journal.findActiveBan(prefix("192.0.2.2"))?.untilEpochMs).toBeUndefined();
        expect(journal.expireBans(8999 + byMs)).toBe(0);
        expect(journal.expireBans(9000 + byMs)).toBe(1);
      },
    );

    it.each([
      { since: 6000, until: 9000, now: 5999, begins: 5999, ends: 8999 },
      { since: 6000, until: 9000, now: 6000, begins: 6000, ends: 9000 },
      { since: 6000, until: 9000, now: 20, begins: 20, ends: 3020 },
      { since: 6000, until: undefined, now: 20, begins: 20, ends: undefined },
    ])("has what begins at $since begin at $begins when it is $now", (row) => {
      opened(banOf("192.0.2.1", { sinceEpochMs: row.since, untilEpochMs: row.until }));
      journal.beginBansBy(row.now);
      expect(journal.findActiveBan(prefix("192.0.2.1"))).toMatchObject({
        sinceEpochMs: row.begins,
        untilEpochMs: row.ends,
      });
    });

    it("may be changed between two batches", () => {
      opened(banOf("192.0.2.1"), banOf("192.0.2.2"), banOf("192.0.2.3"));
      let seen = 0;
      for (const batch of journal.eachActiveBan(1)) {
        for (const ban of batch) journal.endBan(ban.prefix, "expired", 2000);
        seen += batch.length;
      }
      expect(seen).toBe(3);
      expect(journal.countActiveBans()).toBe(0);
    });

    it("counts a source's offences from a moment on, ended or not, and no operator's ban", () => {
      opened(
        banOf("192.0.2.7", { sinceEpochMs: 100 }),
        banOf("192.0.2.7", { sinceEpochMs: 200 }),
        banOf("192.0.2.7", { sinceEpochMs: 300, origin: "operator" }),
        banOf("192.0.2.7", { sinceEpochMs: 400, origin: "unknown" }),
        banOf("192.0.2.8", { sinceEpochMs: 200 }),
      );
      journal.endAllBans("unbanned", 500);
      expect(journal.countBansSince(prefix("192.0.2.7"), 100, "claimed")).toBe(2);
      expect(journal.countBansSince(prefix("192.0.2.7"), 101, "claimed")).toBe(1);
      expect(journal.countBansSince(prefix("192.0.2.7"), 201, "claimed")).toBe(0);
      expect(journal.countBansSince(prefix("192.0.2.9"), 0, "claimed")).toBe(0);
    });

    it("counts offences on that evidence or stronger", () => {
      opened(
        banOf("192.0.2.7", { sinceEpochMs: 100, campaignId: "c-1" }),
        banOf("192.0.2.7", { sinceEpochMs: 200, campaignId: "c-2", evidence: "alive" }),
        banOf("192.0.2.7", { sinceEpochMs: 300, campaignId: "c-3", evidence: "proven" }),
      );
      const counts = EVIDENCE_LEVELS.map((evidence) =>
        journal.countBansSince(prefix("192.0.2.7"), 0, evidence),
      );
      expect(counts).toEqual([3, 2, 1]);
    });

    it("counts a ban that was raised once, as what it became", () => {
      opened(
        banOf("192.0.2.7", { sinceEpochMs: 100, evidence: "claimed" }),
        banOf("192.0.2.7", { sinceEpochMs: 200, evidence: "alive" }),
        banOf("192.0.2.7", { sinceEpochMs: 300, evidence: "proven" }),
      );
      expect(journal.countActiveBans()).toBe(1);
      expect(journal.findActiveBan(prefix("192.0.2.7"))?.evidence).toBe("proven");
      expect(journal.countBansSince(prefix("192.0.2.7"), 0, "claimed")).toBe(1);
      expect(journal.countBansSince(prefix("192.0.2.7"), 0, "proven")).toBe(1);
    });

    it.each<{ what: string; later: Partial<Ban> }>([
      { what: "of another campaign", later: { evidence: "alive", campaignId: "c-2" } },
      { what: "on the same evidence", later: { evidence: "claimed" } },
    ])("counts a ban $what besides the one that it replaces", ({ later }) => {
      opened(
        banOf("192.0.2.7", { sinceEpochMs: 100 }),
        banOf("192.0.2.7", { sinceEpochMs: 200, ...later }),
      );
      expect(journal.countBansSince(prefix("192.0.2.7"), 0, "claimed")).toBe(2);
    });

    it("counts no ban that was taken back, and those before it all the same", () => {
      opened(
        banOf("192.0.2.7", { sinceEpochMs: 100 }),
        banOf("192.0.2.7", { sinceEpochMs: 200, campaignId: "c-2" }),
        banOf("192.0.2.8", { sinceEpochMs: 200 }),
      );
      journal.endBan(prefix("192.0.2.7"), "unbanned", 300);
      journal.endBan(prefix("192.0.2.7"), "unbanned", 301);
      expect(journal.countBansSince(prefix("192.0.2.7"), 0, "claimed")).toBe(1);
      journal.endAllBans("unbanned", 302);
      expect(journal.countBansSince(prefix("192.0.2.8"), 0, "claimed")).toBe(0);
    });

    it("forgets no offence when an operator's ban is taken back", () => {
      opened(
        banOf("192.0.2.7", { sinceEpochMs: 100 }),
        banOf("192.0.2.7", { sinceEpochMs: 200, origin: "operator", evidence: "proven" }),
      );
      journal.endBan(prefix("192.0.2.7"), "unbanned", 300);
      expect(journal.countBansSince(prefix("192.0.2.7"), 0, "claimed")).toBe(1);
    });

    it("forgets no ban in force and no offence that ended later, however often it is told to", () => {
      opened(
        banOf("192.0.2.1", { untilEpochMs: undefined }),
        banOf("192.0.2.2", { sinceEpochMs: 100 }),
      );
      journal.endBan(prefix("192.0.2.2"), "removed", 5000);
      journal.deleteEndedBefore(5000, 10);
      journal.deleteEndedBefore(5000, 10);
      expect(listed()).toEqual(["192.0.2.1/32"]);
      expect(journal.countBansSince(prefix("192.0.2.1"), 0, "claimed")).toBe(1);
      expect(journal.countBansSince(prefix("192.0.2.2"), 0, "claimed")).toBe(1);
    });

    it("may be closed twice", () => {
      opened(banOf("192.0.2.7"));
      journal.close();
      expect(() => journal.close()).not.toThrow();
    });
  });
}
