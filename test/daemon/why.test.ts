import { describe, expect, it } from "vitest";
import type { Listing } from "../../src/broker/blocklists/blocklist-keeper.ts";
import { blocklistedIfKnown } from "../../src/daemon/blocklisted.ts";
import { NOTHING_LIVE, StoryDesk } from "../../src/daemon/story-desk.ts";
import { StoryRecorder } from "../../src/daemon/story-recorder.ts";
import { SequentialDetector } from "../../src/detectors/sequential.ts";
import { OperationalError } from "../../src/errors.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import { openHistory } from "../../src/journal/open-history.ts";
import type { Campaign } from "../../src/model/campaign.ts";
import { PortSet } from "../../src/net/port-range.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { TrustedPrefixes } from "../../src/policy/trusted-prefixes.ts";
import { banOf } from "../conformance/journal.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { campaign } from "./campaigns.ts";
import { probe } from "./stages.ts";

const keys = new SourceKeys({ ipv6PrefixBits: 64 });

const listing = (text: string, line: number): Listing => ({
  path: "/lists/drop.netset",
  line,
  prefix: parsePrefix(text) as Prefix,
});

/** @param listed what the broker says of blocklists. */
function openDesk(listed: () => Promise<readonly Listing[]> = async () => []) {
  const clock = new FakeClock();
  const { stories } = openHistory({ path: ":memory:", clock });
  const journal = new MemoryJournal();
  const trusted = new TrustedPrefixes();
  const detector = new SequentialDetector(
    {
      isStrict: false,
      halfLifeMs: 21_600_000,
      trapPorts: new PortSet([]),
      areUnused: true,
      recordMs: 86_400_000,
      maxSources: 64,
    },
    clock,
    keys,
  );
  const ongoing: Campaign[] = [];
  const desk = new StoryDesk({
    journal,
    stories,
    live: {
      ...NOTHING_LIVE,
      campaignOf: (source) => ongoing.find((each) => each.source === source),
      blocklistedBy: (asked) => blocklistedIfKnown({ listed }, asked),
      walkOf: (source) =>
        detector.walkOf(probe(source.slice(0, source.indexOf("/")), 1).source, clock.monotonicMs()),
    },
    keys,
    trusted,
    ignoreFile: () => "/etc/vedette/vedette.ignore",
    clock,
  });
  return { clock, stories, journal, trusted, detector, ongoing, desk };
}

describe("why", () => {
  it("says of an address that nobody has seen that nothing is known of it", async () => {
    const { desk } = openDesk();
    const why = await desk.why("192.0.2.7");
    expect(why.summary).toMatch(/^Nothing is known of 192\.0\.2\.7: it is not banned/);
    expect(why).toMatchObject({ bans: [], campaigns: [], history: [], score: null, more: false });
  });

  it("tells when the source was first seen, also in a campaign that the list has not", async () => {
    const { desk, stories, ongoing } = openDesk();
    const address = "198.51.100.7";
    expect((await desk.why(address)).first_seen).toBeNull();
    const now = campaign({ id: "now", firstAtEpochMs: 9000, lastAtEpochMs: 9500 });
    ongoing.push(now);
    expect((await desk.why(address)).first_seen).toBe(new Date(9000).toISOString());
    for (let index = 0; index < 25; index += 1) {
      const firstAtEpochMs = 1000 + index * 100;
      const fields = { firstAtEpochMs, lastAtEpochMs: firstAtEpochMs + 50 };
      stories.keepCampaign(campaign({ id: `c${index}`, ...fields }), true);
    }
    const why = await desk.why(address);
    expect(why.more).toBe(true);
    expect(why.first_seen).toBe(new Date(1000).toISOString());
  });

  it("recomputes a verdict from the journal alone, step by step", async () => {
    const { desk, detector, stories, clock } = openDesk();
    const recorder = new StoryRecorder(stories, clock);
    const verdicts = [22, 23, 25, 80].map((port, index) =>
      detector.observe(probe("192.0.2.7", port, index * 500)),
    );
    const verdict = verdicts.at(-1);
    expect(verdict).toBeDefined();
    if (verdict !== undefined) recorder.verdict(verdict);
    const score = (await desk.why("192.0.2.7")).history[0]?.score;
    expect(score?.steps.map(({ port, factor }) => [port, factor])).toEqual(
      [22, 23, 25, 80].map((port) => [port, 4]),
    );
    expect(score?.steps[1]?.score).toBeCloseTo(16, 2);
    expect(score?.recomputed).toBe(score?.value);
    expect(score?.value).toBeGreaterThan(score?.convicts_at ?? Number.POSITIVE_INFINITY);
  });

  it("tells by what the latest campaign's source became more than a claim, the earliest first", async () => {
    const { desk, stories, clock } = openDesk();
    const recorder = new StoryRecorder(stories, clock);
    const latest = campaign({ evidence: "proven" });
    const { source, id: campaignId } = latest;
    const step = { source, campaignId, way: "handshake" } as const;
    recorder.evidence({
      ...step,
      campaignId: "an older",
      atEpochMs: 1,
      evidence: "alive",
      port: 1,
    });
    recorder.evidence({ ...step, way: "answer", atEpochMs: 2000, evidence: "alive", port: 22 });
    recorder.evidence({ ...step, atEpochMs: 3000, evidence: "proven", port: 8080 });
    stories.keepCampaign(latest, true);
    const { evidence, history } = await desk.why("198.51.100.7");
    expect(evidence).toEqual({
      level: "proven",
      text: "proven: it completed a handshake.",
      campaign: campaignId,
      steps: [
        {
          at: new Date(2000).toISOString(),
          way: "answer",
          level: "alive",
          port: 22,
          text: "answered our challenge on tcp 22 with the right number: alive",
        },
        {
          at: new Date(3000).toISOString(),
          way: "handshake",
          level: "proven",
          port: 8080,
          text: "completed a handshake on tcp 8080, which only looks open: proven",
        },
      ],
    });
    expect(history[0]).toMatchObject({ kind: "evidence", text: evidence?.steps[1]?.text });
    expect(await desk.history({ limit: 10, kind: "evidence" })).toHaveLength(3);
  });

  it.each<{ what: string; more: Partial<Campaign>; says: RegExp }>([
    {
      what: "a claim",
      more: {},
      says: /^claimed: .*an answer to our challenge would make it alive/,
    },
    {
      what: "a claim by UDP alone",
      more: { ports: [{ transport: "udp", ranges: [{ first: 53, last: 53 }] }] },
      says: /^claimed: .*nobody is asked but who probes a TCP port/,
    },
    { what: "a step that is lost", more: { evidence: "alive" }, says: /not in the journal\. More/ },
    {
      what: "lost proof",
      more: { evidence: "proven" },
      says: /^proven: .* is not in the journal\.$/,
    },
  ])("says what $what stands on, and what would raise it", async ({ more, says }) => {
    const { desk, stories } = openDesk();
    stories.keepCampaign(campaign(more), true);
    const { evidence } = await desk.why("198.51.100.7");
    expect(evidence).toMatchObject({ steps: [], text: expect.stringMatching(says) });
  });

  it("tells what counts against a source that is not convicted", async () => {
    const { desk, detector } = openDesk();
    detector.observe(probe("192.0.2.7", 22, 0));
    detector.observe(probe("192.0.2.7", 23, 0));
    const why = await desk.why("192.0.2.7");
    expect(why.score?.value).toBe(16);
    expect(why.summary).toBe(
      "192.0.2.7 is not banned. What counts now is 2 contacts, which make a scanner 16 times as " +
        "likely as anybody honest.",
    );
  });

  it("tells the ban of a block around the address, and how long it lasts", async () => {
    const { desk, journal } = openDesk();
    journal.recordBan(
      banOf("192.0.2.0", {
        prefix: parsePrefix("192.0.2.0/24") as Prefix,
        origin: "operator",
        reason: "noise",
        untilEpochMs: undefined,
      }),
    );
    const why = await desk.why("192.0.2.7");
    expect(why.summary).toBe(
      "192.0.2.7 is in 192.0.2.0/24, which is banned for good (by command): noise.",
    );
  });

  it("says who is trusted and why, and asks for no ignore line then", async () => {
    const { desk, trusted } = openDesk();
    trusted.replace([{ prefix: parsePrefix("192.0.2.0/24") as Prefix, why: "ignore file line 3" }]);
    const why = await desk.why("192.0.2.7");
    expect(why.trusted).toBe("ignore file line 3");
    expect(why.summary).toMatch(/is trusted \(ignore file line 3\)/);
  });

  it("says which line of which blocklist names it, and what that does", async () => {
    const listings = [listing("192.0.2.0/24", 7), listing("192.0.2.7", 9)];
    const { desk, trusted } = openDesk(async () => listings);
    const why = await desk.why("192.0.2.7");
    const file = "/lists/drop.netset";
    expect(why.blocklists).toEqual([
      { address: "192.0.2.0/24", file, line: 7 },
      { address: "192.0.2.7", file, line: 9 },
    ]);
    expect(why.summary).toBe(
      "Line 7 of the blocklist /lists/drop.netset names 192.0.2.0/24, and with it 192.0.2.7 (as " +
        "does 1 other entry): what it sends is dropped. 192.0.2.7 is not banned, and the journal " +
        "has no probe of it.",
    );
    trusted.replace([{ prefix: parsePrefix("192.0.2.7") as Prefix, why: "by hand" }]);
    expect((await desk.why("192.0.2.7")).summary).toMatch(/: it is let through all the same\.$/);
    // An entry for a part of it does not name it.
    expect((await desk.why("192.0.2.0/25")).blocklists).toEqual([
      { address: "192.0.2.0/24", file, line: 7 },
    ]);
  });

  it("does not know of blocklists when they were asked too often, and tells the rest", async () => {
    const refused = new OperationalError("ERR_REFUSED", "more than 60 looks");
    const { desk } = openDesk(() => Promise.reject(refused));
    const why = await desk.why("192.0.2.7");
    expect(why.blocklists).toBeNull();
    expect(why.summary).toMatch(/^Nothing is known of 192\.0\.2\.7/);
    const { desk: other } = openDesk(() => Promise.reject(new Error("a defect")));
    await expect(other.why("192.0.2.7")).rejects.toThrow("a defect");
  });

  it("means the source that an IPv6 address belongs to", async () => {
    const { desk } = openDesk();
    expect((await desk.why("2001:db8::5")).prevention.ignore_line).toBe("2001:db8::/64");
  });
});

describe("why, of a prefix", () => {
  const trust = (text: string, why = "own address") => ({
    prefix: parsePrefix(text) as Prefix,
    why,
  });
  const inForce = { untilEpochMs: Date.parse("2026-11-22T12:10:00Z") };

  it.each(["192.0.2.0/24", "192.0.2.66/31", "0.0.0.0/0"])(
    "says of %s who is banned inside it, and whom it holds who is trusted",
    async (asked) => {
      const { desk, journal, trusted } = openDesk();
      trusted.replace([trust("192.0.2.67"), trust("2001:db8::1")]);
      journal.recordBan(banOf("192.0.2.66", inForce));
      journal.recordBan(banOf("2001:db8::/64", inForce));
      const why = await desk.why(asked);
      expect(why.trusted).toBeNull();
      expect(why.bans).toMatchObject([{ address: "192.0.2.66", inside: true }]);
      expect(why.summary).toBe(
        `1 ban in force is inside ${asked}: 192.0.2.66 for another 10 min. ${asked} cannot be ` +
          "banned as a whole: it holds 192.0.2.67 (own address), which is trusted.",
      );
    },
  );

  it("says that nobody in it is banned only where nobody is", async () => {
    const { desk, journal, trusted } = openDesk();
    trusted.replace([trust("192.0.2.1")]);
    journal.recordBan(banOf("192.0.3.1", inForce));
    const why = await desk.why("192.0.2.0/24");
    expect(why).toMatchObject({ bans: [], trusted: null });
    expect(why.summary).toMatch(
      /^Nothing is known of 192\.0\.2\.0\/24: it is not banned, nor is anybody inside it/,
    );
  });

  it("says that it is trusted where all of it is", async () => {
    const { desk, trusted } = openDesk();
    trusted.replace([trust("192.0.0.0/16", "by hand"), trust("192.0.2.1")]);
    const why = await desk.why("192.0.2.0/24");
    expect(why.trusted).toBe("by hand");
    expect(why.summary).toBe(
      "192.0.2.0/24 is trusted (by hand): it is never held and never banned.",
    );
  });

  it("names the latest bans inside it and the ban around it, and counts the rest", async () => {
    const { desk, journal } = openDesk();
    journal.recordBan(banOf("192.0.0.0/16", { ...inForce, origin: "operator", reason: "noise" }));
    for (let host = 1; host <= 30; host += 1) {
      journal.recordBan(banOf(`192.0.2.${host}`, { sinceEpochMs: host, untilEpochMs: undefined }));
    }
    const why = await desk.why("192.0.2.0/24");
    expect(why.summary).toContain("192.0.2.0/24 is in 192.0.0.0/16, which is banned for another");
    expect(why.summary).toContain(
      "30 bans in force are inside 192.0.2.0/24, the latest of them 192.0.2.30 for good, " +
        "192.0.2.29 for good, 192.0.2.28 for good.",
    );
    expect(why.bans).toHaveLength(21);
    expect(why.bans.map(({ inside }) => inside).indexOf(true)).toBe(1);
    expect(why.more).toBe(true);
  });

  it("tells campaigns in it as they are now, and what goes on no more as over", async () => {
    const { desk, stories, ongoing } = openDesk();
    const other = parsePrefix("198.51.100.8") as Prefix;
    stories.keepCampaign(campaign({ evidence: "claimed" }), false);
    stories.keepCampaign(campaign({ id: "c-2", source: other, lastAtEpochMs: 5 }), false);
    ongoing.push(campaign({ evidence: "alive" }));
    const why = await desk.why("198.51.100.0/24");
    expect(why.campaigns).toMatchObject([
      { id: "c-1", over: false, evidence: "alive" },
      { id: "c-2", over: true },
    ]);
    expect(why.evidence).toMatchObject({ campaign: "c-1", level: "alive" });
  });

  it("does not take what counts against its first address for its own", async () => {
    const { desk, detector } = openDesk();
    detector.observe(probe("192.0.2.0", 22, 0));
    expect((await desk.why("192.0.2.0/24")).score).toBeNull();
    expect((await desk.why("192.0.2.0")).score).not.toBeNull();
  });
});

describe("lists", () => {
  it("tell campaigns of one prefix, with their story in words", async () => {
    const { desk, stories } = openDesk();
    stories.keepCampaign(campaign(), true);
    const query = { limit: 10, address: "198.51.100.0/24" };
    expect(await desk.campaigns(query)).toMatchObject([
      { address: "198.51.100.7", over: true, ports: [{ transport: "tcp", ranges: [[22, 23]] }] },
    ]);
    expect(await desk.campaigns({ limit: 10, address: "192.0.2.7" })).toEqual([]);
  });

  it("refuse a kind of event that there is not, and name those that there are", async () => {
    const { desk } = openDesk();
    await expect(desk.history({ limit: 1, kind: "bann" })).rejects.toThrow(/one of verdict, .*ban/);
    await expect(desk.history({ limit: 1, after: "x" })).rejects.toThrow(/id of an event/);
  });
});
