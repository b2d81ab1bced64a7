import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCampaign, encodeCampaign } from "../../src/journal/campaign-text.ts";
import { decodeEvent, encodeEvent } from "../../src/journal/event-text.ts";
import { GuardedDatabase } from "../../src/journal/guarded-database.ts";
import { HISTORY_VERSIONS } from "../../src/journal/history-schema.ts";
import { migrate } from "../../src/journal/migrations.ts";
import { openHistory, readHistory } from "../../src/journal/open-history.ts";
import { keyRangeOf, sourceKeyOf } from "../../src/journal/source-key.ts";
import { openDatabase } from "../../src/journal/sqlite.ts";
import { SqliteStories } from "../../src/journal/sqlite-stories.ts";
import { LONGEST_SENTENCE } from "../../src/journal/stored-values.ts";
import type {
  CampaignQuery,
  CountedCampaign,
  CountedPlace,
  Stories,
} from "../../src/journal/stories.ts";
import type { Campaign } from "../../src/model/campaign.ts";
import { EVIDENCE_LEVELS, EVIDENCE_WAYS } from "../../src/model/evidence.ts";
import type { HourCounts } from "../../src/model/hour-counts.ts";
import { PROBE_KINDS } from "../../src/model/probe.ts";
import type { StoryEvent, StoryEventDetail } from "../../src/model/story-event.ts";
import { TOOLS } from "../../src/model/tool.ts";
import { type Prefix, parsePrefix, prefixContains, prefixOf } from "../../src/net/prefix.ts";
import { campaign as sampleCampaign } from "../daemon/campaigns.ts";

const UNBOUNDED = { oldestEpochMs: 0, quietSinceEpochMs: 0, mostBytes: Number.MAX_SAFE_INTEGER };

const source = (text: string) => parsePrefix(text) as Prefix;

function open() {
  const database = openDatabase(":memory:");
  migrate(database, ":memory:", HISTORY_VERSIONS);
  const clock = { monotonicMs: () => 0, epochMs: () => 0 };
  return { database, stories: new SqliteStories(new GuardedDatabase(database, clock)) };
}

const find = (stories: Stories, id: string) =>
  stories.campaigns({ limit: 10_000 }).find((kept) => kept.campaign.id === id);

const trustOf = (text: string, atEpochMs: number): StoryEvent => ({
  atEpochMs,
  source: source(text),
  campaignId: undefined,
  detail: { kind: "trust" },
});

function campaign(id: string, fields: Partial<Campaign> = {}): Campaign {
  return { ...sampleCampaign(), id, ...fields };
}

describe("campaigns in the journal", () => {
  it("come back as they were kept", () => {
    const { stories } = open();
    const kept = campaign("a", {
      outcome: { status: "banned", untilEpochMs: undefined },
      emitter: {
        sources: 3,
        realCount: 1,
        real: [{ source: source("192.0.2.1/32"), evidence: "alive" }],
        silent: [source("192.0.2.2/32")],
      },
    });
    stories.keepCampaign(kept, true);
    expect(find(stories, "a")).toMatchObject({ campaign: kept, isOver: true });
  });

  it("are told by their last probe, the newest first, page by page", () => {
    const { stories } = open();
    for (const [id, lastAtEpochMs] of Object.entries({ a: 10, b: 30, c: 20, d: 20 })) {
      stories.keepCampaign(campaign(id, { lastAtEpochMs }), false);
    }
    const ids = (after?: string, limit = 2) =>
      stories.campaigns({ limit, after }).map((each) => each.campaign.id);
    expect(ids()).toEqual(["b", "d"]);
    expect(ids("d")).toEqual(["c", "a"]);
    expect(ids("a")).toEqual([]);
  });

  it("are found by an address, by the block that is their source, and by one around them", () => {
    const { stories } = open();
    for (const text of ["192.0.2.7/32", "192.0.3.7/32", "2001:db8::/64"]) {
      stories.keepCampaign(campaign(text, { source: source(text) }), false);
    }
    const found = (about: string) =>
      stories.campaigns({ limit: 9, about: source(about) }).map((each) => each.campaign.id);
    expect(found("192.0.2.7/32")).toEqual(["192.0.2.7/32"]);
    expect(found("192.0.2.0/23").sort()).toEqual(["192.0.2.7/32", "192.0.3.7/32"]);
    expect(found("0.0.0.0/0").sort()).toEqual(["192.0.2.7/32", "192.0.3.7/32"]);
    expect(found("2001:db8::5/128")).toEqual(["2001:db8::/64"]);
    expect(found("2001:db8:0:1::/64")).toEqual([]);
  });

  it("that a guard has left open are over for the next", () => {
    const { stories } = open();
    stories.keepCampaign(campaign("a"), false);
    stories.flush("all");
    stories.endInterrupted();
    expect(find(stories, "a")?.isOver).toBe(true);
  });

  it("are written once for all that changes while they wait", () => {
    const { stories, database } = open();
    for (let packets = 1; packets <= 100; packets += 1) {
      stories.keepCampaign(campaign("a", { packets }), false);
    }
    stories.flush("part");
    expect(database.prepare("SELECT count(*) AS n FROM campaign").get()).toEqual({ n: 1 });
    expect(find(stories, "a")?.campaign.packets).toBe(100);
  });
});

describe("hours in the journal", () => {
  const HOUR_MS = 3_600_000;
  const counts = (hour: number, probes: number, verdicts = 0, bans = 0): HourCounts => ({
    hourEpochMs: hour * HOUR_MS,
    probes,
    verdicts,
    bans,
  });

  it("add up what is counted, while it waits and in the file", () => {
    const { stories } = open();
    stories.keepCounts(counts(7, 3, 1));
    stories.keepCounts(counts(7, 4, 0, 1));
    stories.keepCounts(counts(8, 1));
    const first = [counts(7, 7, 1, 1), counts(8, 1)];
    expect(stories.hours({ limit: 10 })).toEqual(first);
    stories.keepCounts(counts(8, 5));
    expect(stories.hours({ limit: 10 })).toEqual([counts(7, 7, 1, 1), counts(8, 6)]);
  });

  it("are the latest of a span, with the hour that holds its beginning", () => {
    const { stories } = open();
    for (const hour of [1, 2, 3, 4]) stories.keepCounts(counts(hour, hour));
    const hours = (limit: number, sinceEpochMs?: number) =>
      stories.hours({ limit, sinceEpochMs }).map(({ probes }) => probes);
    expect(hours(2)).toEqual([3, 4]);
    expect(hours(10, 2 * HOUR_MS)).toEqual([2, 3, 4]);
    expect(hours(10, 3 * HOUR_MS - 1)).toEqual([2, 3, 4]);
    expect(hours(10, 3 * HOUR_MS)).toEqual([3, 4]);
  });

  it("are forgotten when they are over for too long", () => {
    const { stories } = open();
    for (const hour of [1, 2, 3]) stories.keepCounts(counts(hour, hour));
    stories.flush("all");
    expect(stories.forgetBeyond({ ...UNBOUNDED, oldestEpochMs: 3 * HOUR_MS - 1 })).toBe(1);
    expect(stories.forgetBeyond({ ...UNBOUNDED, oldestEpochMs: 3 * HOUR_MS - 1 })).toBe(0);
    expect(stories.hours({ limit: 10 }).map(({ probes }) => probes)).toEqual([2, 3]);
  });

  it("are none in a file of before, which is read and gets them when it is written", () => {
    const folder = mkdtempSync(join(tmpdir(), "vedette-hours-"));
    try {
      const path = join(folder, "history.sqlite");
      const clock = { monotonicMs: () => 0, epochMs: () => 0 };
      const before = openDatabase(path);
      migrate(before, path, HISTORY_VERSIONS.slice(0, 1));
      before.close();
      const { stories: read, trouble } = readHistory({ path, clock });
      expect([trouble, read.hours({ limit: 10 })]).toEqual([undefined, []]);
      read.close();
      const { stories } = openHistory({ path, clock });
      stories.keepCounts(counts(1, 1));
      stories.close();
      const { stories: later } = readHistory({ path, clock });
      expect(later.hours({ limit: 10 })).toEqual([counts(1, 1)]);
      later.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a flood of campaigns", () => {
  it("waits in bounded places, is counted beyond them, and pushes no scan out", () => {
    const { stories } = open();
    for (let index = 0; index < 20_000; index += 1) {
      stories.keepCampaign(campaign(`u${index}`, { verdict: "undecided" }), true);
    }
    stories.keepCampaign(campaign("scan", { verdict: "scan" }), true);
    expect(stories.lost).toBe(20_000 - 8192);
    expect(find(stories, "scan")).toBeDefined();
  });

  it("is forgotten before scans when there is too much", () => {
    const { stories } = open();
    stories.keepCampaign(campaign("scan", { verdict: "scan", lastAtEpochMs: 1 }), true);
    for (let index = 0; index < 3000; index += 1) {
      stories.keepCampaign(campaign(`u${index}`, { verdict: "undecided" }), true);
    }
    stories.flush("all");
    const bounds = { ...UNBOUNDED, mostBytes: 900_000 };
    while (stories.forgetBeyond(bounds) > 0);
    expect(find(stories, "scan")).toBeDefined();
    const left = stories.campaigns({ limit: 10_000 }).length;
    expect(left).toBeGreaterThan(1);
    expect(left).toBeLessThan(1500);
    expect(stories.forgetBeyond(bounds)).toBe(0);
  });
});

describe("a file that cannot be written", () => {
  it("is tried once in ten seconds, and gets all that waited when it can be", () => {
    const database = openDatabase(":memory:");
    migrate(database, ":memory:", HISTORY_VERSIONS);
    let nowMs = 0;
    const clock = { monotonicMs: () => nowMs, epochMs: () => nowMs };
    const stories = new SqliteStories(new GuardedDatabase(database, clock));
    database.exec("PRAGMA query_only = ON");
    stories.keepCampaign(campaign("a"), true);
    for (nowMs = 0; nowMs < 10_000; nowMs += 250) stories.flush("part");
    expect(stories.failures).toBe(1);
    stories.flush("part");
    expect(stories.failures).toBe(2);
    database.exec("PRAGMA query_only = OFF");
    nowMs += 10_000;
    expect(find(stories, "a")).toBeDefined();
  });
});

describe("what is beyond the size", () => {
  const requestOf = (atEpochMs: number, status: number): StoryEvent => ({
    atEpochMs,
    source: undefined,
    campaignId: undefined,
    detail: { kind: "request", caller: "root", request: "POST /v1/bans", status, asked: "" },
  });
  const forgetTo = (stories: Stories, mostBytes: number) => {
    stories.flush("all");
    while (stories.forgetBeyond({ ...UNBOUNDED, mostBytes }) > 0);
  };
  const timesOf = (stories: Stories) => ({
    scans: stories.campaigns({ limit: 10_000 }).map(({ campaign: each }) => each.lastAtEpochMs),
    events: stories.events({ limit: 10_000 }).map(({ event }) => event.atEpochMs),
  });

  it("goes by its time, scans and events alike: what is left begins at one moment", () => {
    const { stories } = open();
    const all = 4000;
    for (let index = 0; index < all; index += 1) {
      // Scans are written in another order than that of their time.
      const lastAtEpochMs = 2 * ((index * 7) % all);
      stories.keepCampaign(campaign(`s${index}`, { verdict: "scan", lastAtEpochMs }), true);
      stories.keepEvent(trustOf("192.0.2.1/32", 2 * index + 1));
    }
    forgetTo(stories, 1_000_000);
    const { scans, events } = timesOf(stories);
    const from = Math.min(...scans, ...events);
    expect(from).toBeGreaterThan(0);
    expect(scans).toHaveLength(scans.filter((at) => at >= from).length);
    // Each time from there on is there once: a scan at even ones, an event at odd ones.
    expect([...scans, ...events].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 2 * all - from }, (_, index) => from + index),
    );
  });

  it("takes scans that go on, too, before anything that a person asked for", () => {
    const { stories } = open();
    stories.keepEvent(requestOf(1, 200));
    stories.keepEvent(requestOf(2, 409));
    for (let index = 0; index < 3000; index += 1) {
      stories.keepCampaign(campaign(`s${index}`, { verdict: "scan", lastAtEpochMs: 9 }), false);
      stories.keepEvent(trustOf("192.0.2.1/32", 9));
    }
    forgetTo(stories, 300_000);
    expect(
      stories.events({ limit: 9, kinds: ["request"] }).map((each) => each.event.atEpochMs),
    ).toEqual([2, 1]);
    expect(timesOf(stories).scans.length).toBeLessThan(500);
    forgetTo(stories, 0);
    expect(timesOf(stories)).toEqual({ scans: [], events: [] });
  });

  it.each([401, 403, 429])(
    "takes requests that were turned away with %i as other events",
    (status) => {
      const { stories } = open();
      stories.keepEvent(requestOf(5, 200));
      for (let index = 0; index < 3000; index += 1) stories.keepEvent(requestOf(9, status));
      forgetTo(stories, 200_000);
      const { events } = timesOf(stories);
      expect(events.length).toBeLessThan(2000);
      expect(events).toContain(5);
    },
  );

  it("is in the end as large as the bound, and nothing goes of what is not larger", () => {
    const { database, stories } = open();
    for (let index = 0; index < 2000; index += 1) stories.keepEvent(trustOf("192.0.2.1/32", index));
    stories.flush("all");
    const pragma = (name: string) =>
      Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    const used = () => (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
    const size = used();
    expect(stories.forgetBeyond({ ...UNBOUNDED, mostBytes: size })).toBe(0);
    expect(stories.forgetBeyond({ ...UNBOUNDED, mostBytes: size - 1 })).toBeGreaterThan(0);
    expect(used()).toBeLessThan(size);
  });
});

describe("what is too old", () => {
  it("is forgotten, campaigns and events, and not what is as old as the bound", () => {
    const { stories } = open();
    for (const [id, lastAtEpochMs] of Object.entries({ old: 999, young: 1000 })) {
      stories.keepCampaign(campaign(id, { lastAtEpochMs }), true);
    }
    stories.keepEvent(trustOf("192.0.2.1/32", 999));
    stories.keepEvent(trustOf("192.0.2.1/32", 1000));
    stories.flush("all");
    expect(stories.forgetBeyond({ ...UNBOUNDED, oldestEpochMs: 1000 })).toBe(2);
    expect(stories.campaigns({ limit: 9 }).map((each) => each.campaign.id)).toEqual(["young"]);
    expect(stories.events({ limit: 9 }).map(({ event }) => event.atEpochMs)).toEqual([1000]);
  });
});

describe("forgetting", () => {
  it("for age takes no campaign that goes on, and all that is over", () => {
    const fields = fc.record({
      lastAtEpochMs: fc.integer({ min: 0, max: 1000 }),
      isOver: fc.boolean(),
      verdict: fc.constantFrom("scan", "undecided", "benign"),
    });
    const bounds = fc.record({
      oldestEpochMs: fc.integer({ min: 0, max: 1000 }),
      quietSinceEpochMs: fc.integer({ min: 0, max: 1000 }),
    });
    const check = fc.property(fc.array(fields, { maxLength: 30 }), bounds, (all, limits) => {
      const { database, stories } = open();
      for (const [index, { isOver, ...rest }] of all.entries()) {
        stories.keepCampaign(campaign(`c${index}`, rest), isOver);
      }
      stories.flush("all");
      while (stories.forgetBeyond({ ...UNBOUNDED, ...limits }) > 0);
      const goOn = all.flatMap(({ isOver, lastAtEpochMs }, index) =>
        lastAtEpochMs < limits.oldestEpochMs && (isOver || lastAtEpochMs < limits.quietSinceEpochMs)
          ? []
          : [`c${index}`],
      );
      const left = stories.campaigns({ limit: 100 }).map((each) => each.campaign.id);
      expect(left.toSorted()).toEqual(goOn.toSorted());
      database.close();
    });
    fc.assert(check, { numRuns: 50 });
  });
});

describe("paging", () => {
  it("visits each campaign once while others arrive and those before are probed again", () => {
    const times = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
    const check = fc.property(times, fc.integer({ min: 1, max: 7 }), (all, limit) => {
      const { database, stories } = open();
      for (const [index, lastAtEpochMs] of all.entries()) {
        stories.keepCampaign(campaign(`c${index}`, { lastAtEpochMs }), true);
      }
      const visited: string[] = [];
      let after: string | undefined;
      for (let page = 0; ; page += 1) {
        const found = stories.campaigns({ limit, after });
        visited.push(...found.map((each) => each.campaign.id));
        if (found.length < limit) break;
        after = found.at(-1)?.cursor;
        const again = { lastAtEpochMs: 51 + page };
        stories.keepCampaign(campaign(`new${page}`, again), false);
        for (const each of found) stories.keepCampaign({ ...each.campaign, ...again }, false);
      }
      expect(visited.toSorted()).toEqual(all.map((_, index) => `c${index}`).toSorted());
      database.close();
    });
    fc.assert(check, { numRuns: 50 });
  });
});

describe("the cursor of a campaign", () => {
  const openFour = () => {
    const opened = open();
    for (const [id, lastAtEpochMs] of Object.entries({ a: 10, b: 20, c: 20, d: 30 })) {
      opened.stories.keepCampaign(campaign(id, { lastAtEpochMs }), false);
    }
    const cursors = new Map(
      opened.stories
        .campaigns({ limit: 9 })
        .map(({ campaign: { id }, cursor }) => [id, cursor] as const),
    );
    const following = (id: string) =>
      opened.stories
        .campaigns({ limit: 9, after: cursors.get(id) })
        .map((each) => each.campaign.id);
    return { ...opened, following };
  };

  it("keeps its place when the campaign is probed again", () => {
    const { stories, following } = openFour();
    stories.keepCampaign(campaign("c", { lastAtEpochMs: 99 }), false);
    expect(following("c")).toEqual(["b", "a"]);
    expect(following("d")).toEqual(["b", "a"]);
  });

  it("keeps its place when the campaign is forgotten", () => {
    const { database, following } = openFour();
    database.exec("DELETE FROM campaign WHERE name = 'c'");
    expect(following("c")).toEqual(["b", "a"]);
  });

  it("stays the same in every process, as pages are asked for over restarts", () => {
    const { stories } = open();
    stories.keepCampaign(campaign("a", { lastAtEpochMs: 20 }), true);
    expect(stories.campaigns({ limit: 1 })[0]?.cursor).toBe("20.1.36ce4028");
  });

  it("that was changed on its way is no other place", () => {
    const { stories } = open();
    const lastAtEpochMs = 1_795_438_980_000;
    stories.keepCampaign(campaign("a", { lastAtEpochMs }), true);
    const cursor = stories.campaigns({ limit: 1 })[0]?.cursor ?? "";
    expect(stories.campaigns({ limit: 1, after: cursor })).toEqual([]);
    for (let index = 0; index < cursor.length; index += 1) {
      for (const other of ["", "0", "7", "."]) {
        if (cursor[index] === other) continue;
        const after = `${cursor.slice(0, index)}${other}${cursor.slice(index + 1)}`;
        expect(() => stories.campaigns({ limit: 9, after })).toThrow("expected the cursor");
      }
    }
  });

  it.each([
    "",
    ".",
    "20.",
    "20.x",
    "20.1",
    "20.1.0",
    "-1.2",
    "1e3.2",
    `${"9".repeat(20)}.1`,
    "unknown",
  ])("that nobody was given is no end of the list: %j", (after) => {
    const { stories } = openFour();
    expect(() => stories.campaigns({ limit: 9, after })).toThrow("expected the cursor");
  });
});

describe("a list about a prefix", () => {
  /** What is asked of a wide prefix is looked for among so many of the newest first. */
  const first = 2048;

  it.each([
    { what: "of late", newer: 0 },
    { what: "at the edge of what is looked at first", newer: first - 50 },
    { what: "long ago", newer: first + 500 },
  ])("has all that is inside, $what, and in order", ({ newer }) => {
    const { stories } = open();
    const keep = (index: number, text: string) => {
      const fields = { source: source(text), lastAtEpochMs: index };
      const verdict = index % 2 === 0 ? "scan" : "undecided";
      stories.keepCampaign(campaign(`c${index}`, { ...fields, verdict }), true);
      const detail =
        index % 2 === 0 ? ({ kind: "trust" } as const) : ({ kind: "unban", by: "guard" } as const);
      stories.keepEvent({ ...trustOf(text, index), detail });
    };
    const inside = Array.from({ length: 100 }, (_, index) => `10.1.${index}.7/32`);
    inside.push("10.0.0.0/9", "10.1.0.0/18");
    for (const [index, text] of inside.entries()) keep(index, text);
    for (let index = 0; index < newer; index += 1) {
      keep(inside.length + index, `192.0.${index >> 8}.${index & 255}/32`);
    }
    const about = source("10.1.0.0/16");
    const places = inside.map((_, index) => index).reverse();
    const campaigns = (query: object, limit = 9999) =>
      stories.campaigns({ limit, about, ...query }).map((each) => each.campaign.lastAtEpochMs);
    const events = (query: object, limit = 9999) =>
      stories.events({ limit, about, ...query }).map(({ event }) => event.atEpochMs);
    for (const list of [campaigns, events]) {
      expect(list({})).toEqual(places);
      expect(list({}, 21)).toEqual(places.slice(0, 21));
      expect(list({ sinceEpochMs: 60 })).toEqual(places.filter((at) => at >= 60));
    }
    const even = places.filter((at) => at % 2 === 0);
    expect(campaigns({ verdict: "scan" })).toEqual(even);
    expect(events({ kinds: ["trust"] })).toEqual(even);
    expect(events({ kinds: ["trust", "unban"] }, 30)).toEqual(places.slice(0, 30));
    expect(campaigns({ after: "c40" }, 9)).toEqual(places.filter((at) => at < 40).slice(0, 9));
    const before = stories.events({ limit: 50, about }).at(-1)?.id;
    expect(events({ before }, 9)).toEqual(places.slice(50, 59));
  });
});

describe("the first contact", () => {
  it("is the first probe of all campaigns inside a prefix, and of the blocks that hold it", () => {
    const { stories } = open();
    const keep = (id: string, text: string, firstAtEpochMs: number, lastAtEpochMs: number) =>
      stories.keepCampaign(
        campaign(id, { source: source(text), firstAtEpochMs, lastAtEpochMs }),
        true,
      );
    keep("a", "192.0.2.7/32", 500, 600);
    keep("b", "192.0.2.7/32", 300, 400);
    // It went on for longer than those that began after it.
    keep("c", "192.0.2.200/32", 200, 900);
    keep("d", "198.51.100.0/24", 100, 950);
    const first = (text: string) => stories.firstContactAtEpochMs(source(text));
    expect(first("192.0.2.7/32")).toBe(300);
    expect(first("192.0.2.0/24")).toBe(200);
    expect(first("198.51.100.9/32")).toBe(100);
    expect(first("192.0.2.8/32")).toBeUndefined();
    expect(first("0.0.0.0/0")).toBe(100);
  });

  it("is not made of what is no time", () => {
    const { stories, database } = open();
    stories.keepCampaign(campaign("a"), true);
    stories.flush("all");
    for (const odd of ['"soon"', "null", "9e300", "1.5"]) {
      database.exec(`UPDATE campaign SET story = '{"firstAtEpochMs":${odd}}'`);
      expect(stories.firstContactAtEpochMs(source("198.51.100.7/32"))).toBeUndefined();
    }
  });
});

describe("what a list reads", () => {
  const wide = source("10.1.0.0/16");

  /** @returns how SQLite goes about each question that was prepared by then, the last one last. */
  function plansOf(ask: (stories: Stories) => unknown): string[] {
    const database = openDatabase(":memory:");
    migrate(database, ":memory:", HISTORY_VERSIONS);
    const texts: string[] = [];
    const prepare = database.prepare.bind(database);
    database.prepare = (text) => {
      texts.push(text);
      return prepare(text);
    };
    const clock = { monotonicMs: () => 0, epochMs: () => 0 };
    ask(new SqliteStories(new GuardedDatabase(database, clock)));
    const questions = texts.filter((text) => text.startsWith("SELECT"));
    return questions.map((text) => {
      const plan = prepare(`EXPLAIN QUERY PLAN ${text}`).all();
      return plan.map(({ detail }) => detail).join("\n");
    });
  }

  it.each<{ what: string; ask: (stories: Stories) => unknown; found: string }>([
    {
      what: "campaigns of a wide prefix",
      ask: (stories) => stories.campaigns({ limit: 20, about: wide }),
      found: "campaign USING COVERING INDEX campaign_counts",
    },
    {
      what: "campaigns of a wide prefix, by what they look like",
      ask: (stories) =>
        stories.campaigns({ limit: 20, about: wide, tool: "nmap", outcome: "banned" }),
      found: "campaign USING COVERING INDEX campaign_counts",
    },
    {
      what: "campaigns by what they look like",
      ask: (stories) =>
        stories.campaigns({
          limit: 20,
          verdict: "scan",
          tool: "nmap",
          evidence: "alive",
          outcome: "banned",
        }),
      found: "campaign USING COVERING INDEX campaign_by_last",
    },
    {
      what: "events of a wide prefix",
      ask: (stories) => stories.events({ limit: 20, about: wide }),
      found: "event USING COVERING INDEX event_by_source",
    },
    {
      what: "events of a wide prefix and a kind",
      ask: (stories) => stories.events({ limit: 20, about: wide, kinds: ["ban"] }),
      found: "event USING COVERING INDEX event_by_source",
    },
    {
      what: "events of a kind",
      ask: (stories) => stories.events({ limit: 20, kinds: ["ban"] }),
      found: "event USING COVERING INDEX event_by_kind",
    },
    {
      what: "events of a kind since a moment",
      ask: (stories) => stories.events({ limit: 20, kinds: ["ban"], sinceEpochMs: 5 }),
      found: "event USING COVERING INDEX event_by_kind",
    },
    {
      what: "events since a moment",
      ask: (stories) => stories.events({ limit: 20, sinceEpochMs: 5 }),
      found: "event USING COVERING INDEX event_by_time",
    },
  ])("is found in an index alone: $what", ({ ask, found }) => {
    expect(plansOf(ask).at(-1)).toContain(found);
  });

  it("is an index alone for when a prefix was first seen, but for the blocks around it", () => {
    const plan = plansOf((stories) => stories.firstContactAtEpochMs(wide)).at(-1);
    expect(plan).toContain("SEARCH campaign USING COVERING INDEX campaign_counts (source_key>?");
    expect(plan).toContain("SEARCH campaign USING INDEX campaign_counts (source_key=?)");
    expect(plan).not.toContain("SCAN campaign");
  });

  it("is an index alone for all that is counted of campaigns", () => {
    const plans = plansOf((stories) => stories.countedCampaigns(undefined, 9));
    const found = "SEARCH campaign USING COVERING INDEX campaign_counts (source_key>?)";
    expect(plans.filter((plan) => plan.includes(found))).toHaveLength(1);
  });
});

describe("a history of another version", () => {
  it.each(HISTORY_VERSIONS.map((_, index) => index + 1))("%i is read, and goes on", (version) => {
    const folder = mkdtempSync(join(tmpdir(), "vedette-history-"));
    const path = join(folder, "history.sqlite");
    const clock = { monotonicMs: () => 0, epochMs: () => 0 };
    const older = openDatabase(path);
    migrate(older, path, HISTORY_VERSIONS.slice(0, version));
    const before = new SqliteStories(new GuardedDatabase(older, clock));
    before.keepCampaign(campaign("a"), true);
    before.keepEvent(trustOf("192.0.2.1/32", 5));
    before.close();
    for (const open of [readHistory, openHistory]) {
      const { stories, trouble } = open({ path, clock });
      expect(trouble).toBeUndefined();
      expect(find(stories, "a")).toBeDefined();
      expect(stories.events({ limit: 9, about: source("192.0.2.1/32") })).toHaveLength(1);
      expect(stories.events({ limit: 9, kinds: ["trust"] })).toHaveLength(1);
      stories.close();
    }
    rmSync(folder, { recursive: true });
  });
});

describe("events in the journal", () => {
  it("are told the newest first, from a place on, by kind, and by whom they are about", () => {
    const { stories } = open();
    stories.keepEvent(trustOf("192.0.2.1/32", 1));
    stories.keepEvent({ ...trustOf("192.0.2.2/32", 2), detail: { kind: "unban", by: "guard" } });
    stories.keepEvent(trustOf("192.0.0.0/16", 3));
    const times = (query: Omit<Parameters<typeof stories.events>[0], "limit">) =>
      stories.events({ limit: 9, ...query }).map(({ event }) => event.atEpochMs);
    expect(times({})).toEqual([3, 2, 1]);
    expect(times({ before: stories.events({ limit: 1 })[0]?.id })).toEqual([2, 1]);
    expect(times({ kinds: ["unban"] })).toEqual([2]);
    expect(times({ about: source("192.0.2.1/32") })).toEqual([3, 1]);
    expect(times({ sinceEpochMs: 2 })).toEqual([3, 2]);
  });

  it("keep a verdict whole enough to be made again", () => {
    const verdict: StoryEventDetail = {
      kind: "verdict",
      ruleId: "sequential",
      reason: "4 unused ports",
      evidence: "alive",
      raisedFrom: "claimed",
      ports: [{ transport: "tcp", port: 22 }],
      kinds: ["tcp-syn"],
      tool: "nmap",
      probes: 4,
      firstSeenAtEpochMs: 5,
      score: {
        value: 256,
        halfLifeMs: 1000,
        steps: [{ transport: "tcp", port: 22, afterMs: 0, factor: 256 }],
      },
    };
    expect(decodeEvent(encodeEvent(verdict))).toEqual(verdict);
  });
});

const numbers = fc.double({ noNaN: true });
const count = fc.nat(1_000_000);
const prefixes = fc.oneof(fc.ipV4(), fc.ipV6()).map(source);
const evidence = fc.constantFrom(...EVIDENCE_LEVELS);
/** Also what is longer than what is read back. */
const text = fc.oneof(fc.string({ unit: "binary" }), fc.constant("x".repeat(5000)));
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.option(arbitrary, { nil: undefined });

const anyCampaign: fc.Arbitrary<Campaign> = fc.record({
  id: fc.string({ minLength: 1, maxLength: 64 }),
  source: prefixes,
  firstAtEpochMs: count,
  lastAtEpochMs: count,
  packets: count,
  ports: fc.array(
    fc.record({
      transport: fc.constantFrom("tcp", "udp", "icmp", "ip"),
      ranges: fc.array(fc.record({ first: fc.nat(65_535), last: fc.nat(65_535) })),
    }),
    { maxLength: 4 },
  ),
  portCount: fc.record({ count, isAtLeast: fc.boolean() }),
  kinds: fc.subarray([...PROBE_KINDS]),
  tool: optional(fc.constantFrom(...TOOLS)),
  evidence,
  destinations: fc.record({ count, isAtLeast: fc.boolean() }),
  verdict: fc.constantFrom("scan", "undecided", "benign"),
  score: optional(numbers),
  reason: optional(text),
  wasHeld: fc.boolean(),
  outcome: fc.oneof(
    fc.record({ status: fc.constantFrom("none" as const, "unbanned" as const) }),
    fc.record({ status: fc.constant("banned" as const), untilEpochMs: optional(count) }),
    fc.record({ status: fc.constant("spared" as const), reason: text, text }),
    fc.record({ status: fc.constant("failed" as const), text }),
  ),
  emitter: optional(
    fc.record({
      sources: count,
      realCount: count,
      real: fc.array(fc.record({ source: prefixes, evidence }), { maxLength: 8 }),
      silent: fc.array(prefixes, { maxLength: 8 }),
    }),
  ),
});

const act = fc.constantFrom("ban" as const, "unban" as const);

const anyDetail: fc.Arbitrary<StoryEventDetail> = fc.oneof(
  fc.record(
    {
      kind: fc.constant("evidence" as const),
      way: fc.constantFrom(...EVIDENCE_WAYS),
      evidence: fc.constantFrom("alive" as const, "proven" as const),
      port: fc.nat(65_535),
    },
    { requiredKeys: ["kind", "way", "evidence"] },
  ),
  fc.record({ kind: fc.constant("spared" as const), why: fc.constant("trusted"), text }),
  fc.record({ kind: fc.constantFrom("refused" as const, "failed" as const), act, text }),
  fc.record({
    kind: fc.constant("response" as const),
    act,
    name: fc.constant("KILL_ROUTE"),
    status: fc.constant("failed"),
    command: text,
    reason: text,
  }),
  fc.record({
    kind: fc.constant("verdict" as const),
    ruleId: fc.constant("sequential"),
    reason: text,
    evidence,
    ports: fc.array(fc.record({ transport: fc.constantFrom("tcp", "udp"), port: fc.nat(65_535) }), {
      size: "max",
      maxLength: 2000,
    }),
    kinds: fc.subarray([...PROBE_KINDS]),
    probes: count,
    firstSeenAtEpochMs: count,
  }),
);

/** As it is read back: no text is longer than what is read, and no number infinite. */
function asKept(value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, LONGEST_SENTENCE).toWellFormed();
  if (typeof value === "number") return keptNumber(value);
  if (Array.isArray(value)) return value.map(asKept);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asKept(each)]));
}

/** JSON knows no negative zero. */
const keptNumber = (value: number) =>
  Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value)) + 0;

describe("a list of campaigns", () => {
  it("is narrowed by what campaigns look like, by several at once, page after page", () => {
    const { stories } = open();
    const banned = { status: "banned", untilEpochMs: 1 } as const;
    const looks: Partial<Campaign>[] = [
      { tool: "nmap", evidence: "proven", verdict: "scan", outcome: banned },
      { tool: "nmap", evidence: "claimed", verdict: "scan" },
      { evidence: "proven", outcome: banned },
      { tool: "zmap", evidence: "alive" },
    ];
    looks.forEach((fields, index) => {
      const id = String.fromCharCode(97 + index);
      stories.keepCampaign(campaign(id, { ...fields, lastAtEpochMs: index }), true);
    });
    const ids = (query: Partial<CampaignQuery>) =>
      stories
        .campaigns({ limit: 10, ...query })
        .map(({ campaign: { id } }) => id)
        .join("");
    expect(ids({ tool: "nmap" })).toBe("ba");
    expect(ids({ tool: null })).toBe("c");
    expect(ids({ tool: "mirai" })).toBe("");
    expect(ids({ evidence: "proven" })).toBe("ca");
    expect(ids({ outcome: "banned" })).toBe("ca");
    expect(ids({ outcome: "none" })).toBe("db");
    expect(ids({ outcome: "banned", verdict: "scan" })).toBe("a");
    expect(ids({ outcome: "banned", sinceEpochMs: 1 })).toBe("c");
    expect(ids({ evidence: "proven", limit: 1 })).toBe("c");
    expect(ids({ evidence: "proven", limit: 1, after: "c" })).toBe("a");
  });
});

describe("counted campaigns", () => {
  it("come by address and then by time, whole, in parts of any size", () => {
    const { stories } = open();
    const kept = [
      campaign("a", { source: source("198.51.100.7/32"), lastAtEpochMs: 5, packets: 2 }),
      campaign("b", { source: source("2001:db8::/64"), lastAtEpochMs: 3, tool: "zmap" }),
      campaign("c", { source: source("9.0.0.1/32"), lastAtEpochMs: 9, evidence: "proven" }),
      campaign("d", { source: source("198.51.100.7/32"), lastAtEpochMs: 4, verdict: "scan" }),
      campaign("e", { source: source("198.51.100.7/32"), lastAtEpochMs: 4 }),
    ];
    for (const each of kept) stories.keepCampaign(each, true);
    const all = stories.countedCampaigns(undefined, 100);
    expect(all.next).toBeUndefined();
    expect(all.campaigns.map(({ sourceKey, lastAtEpochMs }) => [sourceKey, lastAtEpochMs])).toEqual(
      [
        ["00000000000000000000ffff09000001", 9],
        ["00000000000000000000ffffc6336407", 4],
        ["00000000000000000000ffffc6336407", 4],
        ["00000000000000000000ffffc6336407", 5],
        ["20010db8000000000000000000000000", 3],
      ],
    );
    expect(all.campaigns.map(({ verdict }) => verdict)).toContain("scan");
    expect(all.campaigns[0]).toMatchObject({ evidence: "proven", outcome: "none", packets: 3 });
    expect(all.campaigns[4]).toMatchObject({ tool: "zmap" });
    for (const rows of [1, 2, 3, 5]) {
      const parts: CountedCampaign[] = [];
      let place: CountedPlace | undefined;
      do {
        const part = stories.countedCampaigns(place, rows);
        parts.push(...part.campaigns);
        place = part.next;
      } while (place !== undefined);
      expect(parts).toEqual(all.campaigns);
    }
  });

  it("and lists are read from a history of before, too, as commands do that only look", () => {
    const database = openDatabase(":memory:");
    migrate(database, ":memory:", HISTORY_VERSIONS.slice(0, 1));
    const clock = { monotonicMs: () => 0, epochMs: () => 0 };
    const stories = new SqliteStories(new GuardedDatabase(database, clock));
    stories.keepCampaign(campaign("a", { tool: "nmap" }), true);
    expect(stories.campaigns({ limit: 9, tool: "nmap" })).toHaveLength(1);
    expect(stories.campaigns({ limit: 9, tool: "zmap" })).toHaveLength(0);
    expect(stories.countedCampaigns(undefined, 9).campaigns).toHaveLength(1);
  });

  it("leave out rows that are none of ours, and a history of before is brought up with them", () => {
    const database = openDatabase(":memory:");
    migrate(database, ":memory:", HISTORY_VERSIONS.slice(0, 1));
    const insert = database.prepare(
      `INSERT INTO campaign (name, source_key, source, last_epoch_ms, is_over, verdict, story)
       VALUES (?, ?, '192.0.2.1/32', 1, 1, ?, ?)`,
    );
    const key = sourceKeyOf(source("192.0.2.1/32"));
    const good = encodeCampaign(campaign("good"));
    insert.run("no json", key, "scan", "{");
    insert.run("no number", key, "scan", good.replace('"packets":3', '"packets":"many"'));
    insert.run("no evidence", key, "scan", good.replace('"claimed"', '"sure"'));
    insert.run("no verdict", key, "<b>", good);
    insert.run("no key", "zz", "scan", good);
    insert.run("good", key, "scan", good);
    migrate(database, ":memory:", HISTORY_VERSIONS);
    const clock = { monotonicMs: () => 0, epochMs: () => 0 };
    const stories = new SqliteStories(new GuardedDatabase(database, clock));
    const { campaigns } = stories.countedCampaigns(undefined, 100);
    expect(campaigns.map(({ id, packets }) => [id, packets])).toEqual([[6, 3]]);
  });
});

describe("a text in the journal", () => {
  it("gives back any campaign", () => {
    fc.assert(
      fc.property(anyCampaign, (any) => {
        expect(decodeCampaign(encodeCampaign(any))).toEqual(asKept(any));
      }),
    );
  });

  it("gives back any event", () => {
    fc.assert(
      fc.property(anyDetail, (any) => {
        expect(decodeEvent(encodeEvent(any))).toEqual(asKept(any));
      }),
    );
  });

  it("that is none of ours is passed over and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeCampaign(text)).toBeUndefined();
        expect(decodeEvent(text)).toBeUndefined();
      }),
    );
  });

  it("has no more ranges of ports than the bound, and how many ports there are", () => {
    const ranges = Array.from({ length: 5000 }, (_, index) => ({
      first: index * 2,
      last: index * 2,
    }));
    const wide = campaign("a", {
      ports: [{ transport: "tcp", ranges }],
      portCount: { count: 5000, isAtLeast: false },
    });
    const back = decodeCampaign(encodeCampaign(wide));
    expect(back?.ports[0]?.ranges).toHaveLength(512);
    expect(back?.portCount.count).toBe(5000);
  });
});

describe("keys of sources", () => {
  it("are between those of a prefix iff it holds the address", () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => source(text));
    fc.assert(
      fc.property(address, address, fc.nat(32), (a, b, bits) => {
        const around = prefixOf(a.slice(0, a.indexOf("/")) as never, bits);
        const { first, last } = keyRangeOf(around);
        const key = sourceKeyOf(b);
        const isInside = key >= first && key <= last;
        const isSameFamily = a.includes(":") === b.includes(":");
        const holds = prefixContains(around, b.slice(0, b.indexOf("/")) as never);
        if (isSameFamily) expect(isInside).toBe(holds);
      }),
    );
  });
});
