import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { GeoLookup } from "../../src/daemon/geo-lookup.ts";
import { SourceCounts } from "../../src/daemon/source-counts.ts";
import { GuardedDatabase } from "../../src/journal/guarded-database.ts";
import { HISTORY_VERSIONS } from "../../src/journal/history-schema.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import { migrate } from "../../src/journal/migrations.ts";
import { openDatabase } from "../../src/journal/sqlite.ts";
import { SqliteStories } from "../../src/journal/sqlite-stories.ts";
import type { CountedPlace } from "../../src/journal/stories.ts";
import type { Ban } from "../../src/model/ban.ts";
import type { Campaign } from "../../src/model/campaign.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type MmdbContent, mmdbOf } from "../support/mmdb.ts";
import { campaign } from "./campaigns.ts";

const HOUR_MS = 3_600_000;

let clock: FakeClock;
let stories: SqliteStories;
let journal: MemoryJournal;
let reads: number;
let counts: SourceCounts;
let geo: GeoLookup;
let kept: number;

beforeEach(() => {
  clock = new FakeClock();
  const database = openDatabase(":memory:");
  migrate(database, ":memory:", HISTORY_VERSIONS);
  stories = new SqliteStories(new GuardedDatabase(database, clock));
  journal = new MemoryJournal();
  geo = new GeoLookup({ raise: () => undefined, clear: () => undefined });
  reads = 0;
  kept = 0;
  counts = countsOf();
});

function countsOf(beforePart: (part: number) => void = () => undefined): SourceCounts {
  let parts = 0;
  const countedCampaigns = (from: CountedPlace | undefined, rows: number) => {
    if (from === undefined) reads += 1;
    parts += 1;
    beforePart(parts);
    return stories.countedCampaigns(from, rows);
  };
  return new SourceCounts({ stories: { countedCampaigns }, journal, geo, clock });
}

function keep(address: string, more: Partial<Campaign> = {}): void {
  kept += 1;
  const source = parsePrefix(address) as Prefix;
  const lastAtEpochMs = clock.epochMs();
  stories.keepCampaign(campaign({ id: `c${kept}`, source, lastAtEpochMs, ...more }), true);
}

function ban(address: string): void {
  const prefix = parsePrefix(address) as Prefix;
  const standing: Ban = {
    prefix,
    sinceEpochMs: clock.epochMs(),
    untilEpochMs: undefined,
    evidence: "proven",
    origin: "detector",
    reason: "",
    ruleId: undefined,
    campaignId: undefined,
    means: ["nftables"],
    configRevision: "",
  };
  journal.recordBan(standing);
}

const DAY = { limit: 50, sinceEpochMs: undefined };

describe("SourceCounts", () => {
  it("adds up campaigns by network and by block, the most probes first", async () => {
    keep("198.51.100.7", { packets: 3, verdict: "scan" });
    keep("198.51.100.7", { packets: 4 });
    keep("198.51.100.9", { packets: 5, verdict: "scan" });
    keep("198.51.101.1", { packets: 1 });
    keep("2001:db8:1:2::/64", { packets: 20 });
    keep("2001:db8:1:3::/64", { packets: 20 });
    keep("2001:db8:2:3::/64", { packets: 2 });
    const { networks, blocks } = await counts.view(DAY);
    expect(
      networks.map(({ address, sources, campaigns, probes, scans }) => [
        address,
        ...[sources, campaigns, probes, scans],
      ]),
    ).toEqual([
      ["2001:db8:1::/48", 2, 2, 40, 0],
      ["198.51.100.0/24", 2, 3, 12, 2],
      ["2001:db8:2::/48", 1, 1, 2, 0],
      ["198.51.101.0/24", 1, 1, 1, 0],
    ]);
    expect(blocks.map(({ address, sources, probes }) => [address, sources, probes])).toEqual([
      ["2001:db8::/32", 3, 42],
      ["198.51.0.0/16", 3, 13],
    ]);
  });

  it("counts all of the span by verdict, evidence, outcome and tool", async () => {
    keep("192.0.2.1", { verdict: "scan", evidence: "proven", tool: "nmap" });
    keep("192.0.2.1", { verdict: "scan", outcome: { status: "banned", untilEpochMs: 1 } });
    keep("192.0.2.2", { verdict: "benign", evidence: "alive", tool: "nmap" });
    const view = await counts.view(DAY);
    expect(view).toMatchObject({
      sources: 2,
      campaigns: 3,
      probes: 9,
      verdicts: { scan: 2, undecided: 0, benign: 1 },
      evidence: { claimed: 1, alive: 1, proven: 1 },
      outcomes: { none: 2, banned: 1, unbanned: 0, spared: 0, failed: 0 },
      tools: [
        { tool: "nmap", campaigns: 2 },
        { tool: null, campaigns: 1 },
      ],
    });
  });

  it("counts by country and by system where files say so, and whom no file knows", async () => {
    const country = (code: string, name: string) => ({
      country: { iso_code: code, names: { en: name } },
    });
    const system = (asn: number, name: string) => ({
      autonomous_system_number: asn,
      autonomous_system_organization: name,
    });
    const files: MmdbContent[] = [
      {
        type: "GeoLite2-Country",
        records: {
          "198.51.100.0/24": country("NL", "Netherlands"),
          "203.0.113.0/24": country("NL", "Netherlands"),
          "2001:db8::/32": country("DE", "Germany"),
        },
      },
      { type: "DBIP-ASN-Lite", records: { "203.0.113.0/24": system(64500, "Example") } },
    ];
    const folder = await mkdtemp(join(tmpdir(), "vedette-geo-"));
    for (const each of files) await writeFile(join(folder, each.type), mmdbOf(each));
    await geo.follow(files.map(({ type }) => join(folder, type)));
    await rm(folder, { recursive: true });
    keep("198.51.100.1", { packets: 3, verdict: "scan" });
    keep("198.51.100.1", { packets: 4 });
    keep("203.0.113.9", { packets: 5 });
    keep("2001:db8::/64", { packets: 1 });
    keep("192.0.2.1", { packets: 20 });
    for (const each of ["198.51.100.1", "203.0.113.77", "2001:db8::/64", "10.0.0.1"]) ban(each);
    const view = await counts.view(DAY);
    const told = (view.countries ?? []).map(({ country: code, name, ...tally }) => [
      ...[code, name, tally.sources, tally.campaigns, tally.probes, tally.scans, tally.banned],
    ]);
    expect(told).toEqual([
      [null, null, 1, 1, 20, 0, 1],
      ["NL", "Netherlands", 2, 3, 12, 1, 2],
      ["DE", "Germany", 1, 1, 1, 0, 1],
    ]);
    expect(view.asns?.map(({ asn, name, probes }) => [asn, name, probes])).toEqual([
      [null, null, 28],
      [64500, "Example", 5],
    ]);
    expect(view.databases.map(({ type }) => type)).toEqual(["GeoLite2-Country", "DBIP-ASN-Lite"]);
    const places = view.networks.map(({ address, country: code, asn }) => [address, code, asn]);
    expect(places).toContainEqual(["203.0.113.0/24", "NL", 64500]);
    expect(places).toContainEqual(["192.0.2.0/24", null, null]);
  });

  it("tells of no countries where there is no file", async () => {
    keep("198.51.100.1");
    const { countries, asns, databases, networks } = await counts.view(DAY);
    expect([countries, asns, databases]).toEqual([null, null, []]);
    expect(networks[0]).not.toHaveProperty("country");
  });

  it("has nothing of an empty history", async () => {
    const view = await counts.view(DAY);
    expect(view).toMatchObject({ campaigns: 0, tools: [], networks: [], blocks: [] });
  });

  it("leaves out what ended before the span, which begins at a full minute", async () => {
    const now = clock.epochMs();
    const since = Math.ceil((now - HOUR_MS) / 60_000) * 60_000;
    keep("192.0.2.1", { lastAtEpochMs: since - 1 });
    keep("198.51.100.1", { lastAtEpochMs: since });
    keep("198.51.100.2", { lastAtEpochMs: now });
    const view = await counts.view({ limit: 50, sinceEpochMs: since + 59_999 });
    expect(Date.parse(view.since)).toBe(since);
    expect(view.networks.map(({ address, sources }) => [address, sources])).toEqual([
      ["198.51.100.0/24", 2],
    ]);
    expect(view.networks[0]?.last).toBe(new Date(now).toISOString());
  });

  it("counts a day when nobody says", async () => {
    keep("192.0.2.1", { lastAtEpochMs: clock.epochMs() - 23 * HOUR_MS });
    keep("192.0.2.2", { lastAtEpochMs: clock.epochMs() - 25 * HOUR_MS });
    expect((await counts.view(DAY)).campaigns).toBe(1);
  });

  it("counts the bans inside a network and those that are wider, and no others", async () => {
    keep("198.51.100.7");
    keep("203.0.113.7");
    keep("2001:db8:1:2::/64");
    for (const each of ["198.51.100.7", "198.51.100.128/25", "198.51.0.0/17", "198.52.0.1"]) {
      ban(each);
    }
    ban("2001:db8:1:ffff::/64");
    ban("2001:db8:2::1");
    ban("2001::/16");
    const { networks, blocks } = await counts.view(DAY);
    expect(Object.fromEntries(networks.map(({ address, banned }) => [address, banned]))).toEqual({
      "198.51.100.0/24": 3,
      "203.0.113.0/24": 0,
      "2001:db8:1::/48": 2,
    });
    expect(Object.fromEntries(blocks.map(({ address, banned }) => [address, banned]))).toEqual({
      "198.51.0.0/16": 3,
      "203.0.0.0/16": 0,
      "2001:db8::/32": 3,
    });
  });

  it("tells as many networks as are asked for, from one answer", async () => {
    for (let each = 0; each < 30; each += 1) keep(`10.0.${each}.1`, { packets: each });
    const few = await counts.view({ limit: 2, sinceEpochMs: undefined });
    expect(few.networks.map(({ address }) => address)).toEqual(["10.0.29.0/24", "10.0.28.0/24"]);
    expect((await counts.view(DAY)).networks).toHaveLength(30);
    expect(reads).toBe(1);
  });

  it("keeps the busiest of more networks than it remembers, whatever their addresses", async () => {
    for (let each = 0; each < 2500; each += 1) {
      keep(`10.${each >> 8}.${each & 255}.1`, { packets: each % 7 === 3 ? 1000 + each : 1 });
    }
    const { networks, blocks } = await counts.view({ limit: 1000, sinceEpochMs: undefined });
    expect(networks).toHaveLength(1000);
    const expected = Array.from({ length: 2500 }, (_, each) => each)
      .filter((each) => each % 7 === 3)
      .reverse();
    expect(networks.slice(0, expected.length).map(({ probes }) => probes)).toEqual(
      expected.map((each) => 1000 + each),
    );
    expect(blocks).toHaveLength(10);
  });

  it("answers from memory for ten seconds, and counts again then", async () => {
    keep("192.0.2.1");
    await counts.view(DAY);
    keep("192.0.2.2");
    clock.advance(9_999);
    const since = clock.epochMs() - HOUR_MS;
    expect((await counts.view({ limit: 50, sinceEpochMs: since })).campaigns).toBe(2);
    expect(reads).toBe(2);
    clock.advance(10_000);
    await counts.view({ limit: 50, sinceEpochMs: since });
    expect(reads).toBe(3);
  });

  it("serves whoever asks again and again for the last day, whose span moves on", async () => {
    counts = countsOf(() => clock.advance(30_000));
    const first = await counts.view(DAY);
    for (let minute = 1; minute < 10; minute += 1) {
      clock.advance(60_000);
      expect((await counts.view(DAY)).since).toBe(first.since);
    }
    expect(reads).toBe(1);
    clock.advance(60_000);
    const next = await counts.view(DAY);
    expect(Date.parse(next.since) - Date.parse(first.since)).toBeGreaterThanOrEqual(600_000);
    expect(reads).toBe(2);
  });

  it("serves nobody who asks for a longer span, or for a much shorter one", async () => {
    const since = Math.floor((clock.epochMs() - HOUR_MS) / 60_000) * 60_000;
    await counts.view({ limit: 50, sinceEpochMs: since });
    await counts.view({ limit: 50, sinceEpochMs: since + 60_000 });
    expect(reads).toBe(1);
    await counts.view({ limit: 50, sinceEpochMs: since - 1 });
    expect(reads).toBe(2);
    await counts.view({ limit: 50, sinceEpochMs: since + 120_000 });
    expect(reads).toBe(3);
  });

  it("answers for longer where counting takes long", async () => {
    counts = countsOf(() => clock.advance(1000));
    const since = clock.epochMs() - HOUR_MS;
    await counts.view({ limit: 50, sinceEpochMs: since });
    clock.advance(19_999);
    await counts.view({ limit: 50, sinceEpochMs: since });
    expect(reads).toBe(1);
    clock.advance(1);
    await counts.view({ limit: 50, sinceEpochMs: since });
    expect(reads).toBe(2);
  });

  it("counts once for all who ask at the same time, and one span after the other", async () => {
    for (let each = 0; each < 1200; each += 1) keep(`10.0.${each >> 8}.${each & 255}`);
    const order: number[] = [];
    counts = countsOf((part) => order.push(part));
    const asked = [DAY, DAY, { limit: 1, sinceEpochMs: clock.epochMs() - HOUR_MS }];
    const [one, same, other] = await Promise.all(asked.map((query) => counts.view(query)));
    expect(reads).toBe(2);
    expect(one).toEqual(same);
    expect(other?.campaigns).toBe(1200);
  });

  it("counts four spans at once at most, and others when those are done", async () => {
    const ask = (hours: number) =>
      counts.view({ limit: 1, sinceEpochMs: clock.epochMs() - hours * HOUR_MS });
    const asked = await Promise.allSettled(Array.from({ length: 50 }, (_, each) => ask(each + 1)));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    expect(reads).toBe(4);
    expect(asked[4]).toMatchObject({ reason: { code: "ERR_UNAVAILABLE" } });
    await ask(60);
    expect(reads).toBe(5);
  });

  it("counts a campaign once that goes on while it counts", async () => {
    for (let each = 0; each < 600; each += 1) keep(`10.0.${each >> 8}.${each & 255}`);
    // The last of the first part.
    const goesOn = { id: "c500", packets: 9 };
    counts = countsOf((part) => {
      if (part !== 2) return;
      clock.advance(1000);
      keep("10.0.1.243", goesOn);
      stories.flush("all");
    });
    const view = await counts.view(DAY);
    expect(view.campaigns).toBe(600);
    expect(view.sources).toBe(600);
  });
});
