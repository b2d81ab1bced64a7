import { describe, expect, it } from "vitest";
import type { ScanStory } from "../../src/daemon/dialects/scan-story.ts";
import {
  LINES_A_SECOND,
  VedetteEvents,
  type VedetteEventsParts,
} from "../../src/daemon/vedette-events.ts";
import { createLogger } from "../../src/logger.ts";
import type { Ban } from "../../src/model/ban.ts";
import type { CampaignChange } from "../../src/model/campaign.ts";
import { keepProbe } from "../../src/model/probe.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { campaign, group } from "./campaigns.ts";
import { probe } from "./stages.ts";

function makeEvents(
  format: "text" | "json" = "text",
  tells: VedetteEventsParts["tells"] = "everything",
) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const logger = createLogger(format, clock, (line) => lines.push(line));
  return { clock, lines, events: new VedetteEvents({ logger, clock, tells }) };
}

/** Of one probe of port 23. */
function verdict(): Verdict {
  const convicting = probe("198.51.100.7", 23);
  return {
    source: "198.51.100.7/32" as Prefix,
    address: "198.51.100.7" as IpAddress,
    evidence: "claimed",
    ruleId: "trigger",
    reason: "1 unused port: tcp 23",
    ports: [{ transport: "tcp", port: 23 }],
    kinds: ["tcp-syn"],
    tool: undefined,
    last: keepProbe(convicting),
    probes: 1,
    firstSeenAtEpochMs: 0,
    decidedAtEpochMs: 0,
    campaignId: "c-1",
  };
}

describe("VedetteEvents", () => {
  it("says a probe in one line", () => {
    const { lines, events } = makeEvents();
    events.probe(probe("198.51.100.7", 23), false);
    expect(lines).toEqual(["12:00:00 probe    198.51.100.7 -> tcp 23 (SYN)\n"]);
  });

  it.each([
    { tool: "masscan", how: "(SYN, by masscan)" },
    { tool: "connect", how: "(SYN, by an ordinary TCP stack)" },
    { tool: undefined, how: "(SYN)" },
  ] as const)("says the tool of a verdict: $how", ({ tool, how }) => {
    const { lines, events } = makeEvents();
    events.verdict({ ...verdict(), tool });
    const reason = "1 unused port: tcp 23";
    expect(lines).toEqual([`12:00:00 verdict  198.51.100.7 scans ${how}: ${reason}\n`]);
  });

  it("has the tool as a field for machines, and no field without one", () => {
    const told = [{ ...verdict(), tool: "nmap" as const }, verdict()].map((of) => {
      const { lines, events } = makeEvents("json");
      events.verdict(of);
      return JSON.parse(lines.join("")) as Record<string, unknown>;
    });
    expect(told[0]).toMatchObject({ event: "verdict", kinds: "tcp-syn", tool: "nmap" });
    expect(told[1]).not.toHaveProperty("tool");
  });

  it("writes a bounded number of lines for a flood, and says how many there were", () => {
    const { lines, events } = makeEvents();
    for (let port = 1; port <= 10_000; port++)
      events.probe(probe("198.51.100.7", port, 500), false);
    events.flush();
    expect(lines).toHaveLength(LINES_A_SECOND + 1);
    expect(lines.at(-1)).toContain(`${10_000 - LINES_A_SECOND} more probes`);
  });

  it("rations each second anew", () => {
    const { lines, events } = makeEvents();
    for (let n = 0; n <= LINES_A_SECOND; n++) events.probe(probe("198.51.100.7", 23, 999), false);
    expect(lines).toHaveLength(LINES_A_SECOND);
    events.probe(probe("198.51.100.7", 23, 1000), false);
    expect(lines).toHaveLength(LINES_A_SECOND + 1);
  });

  it("says nothing of more when there was no more", () => {
    const { lines, events } = makeEvents();
    events.flush();
    expect(lines).toEqual([]);
  });

  it("keeps the lines of orders apart from those of probes, so that a flood hides none", () => {
    const { lines, events } = makeEvents();
    for (let n = 0; n < 1000; n++) events.probe(probe("198.51.100.7", 23), false);
    events.outcome(
      { act: "unban", prefix: "198.51.100.7/32" as never, by: "operator" },
      { status: "applied" },
      [],
    );
    expect(lines.at(-1)).toContain("unban    198.51.100.7");
  });

  it.each([
    { format: "text", isBanned: true, told: 0 },
    { format: "text", isBanned: false, told: 1 },
    { format: "json", isBanned: true, told: 1 },
    { format: "json", isBanned: false, told: 1 },
  ] as const)("has a line ($format) of evidence, a ban on it $isBanned: $told", (given) => {
    const { lines, events } = makeEvents(given.format);
    events.raised({ ...verdict(), evidence: "alive", raisedFrom: "claimed" }, given.isBanned);
    expect(lines).toHaveLength(given.told);
    for (const line of lines) expect(line).toContain("evidence 198.51.100.7 is alive: it answers");
  });

  it("says of a ban for good that it was lengthened", () => {
    const { lines, events } = makeEvents();
    const ban = { prefix: "198.51.100.7/32", origin: "detector", evidence: "alive", means: [] };
    events.outcome(
      { act: "ban", ban: ban as unknown as Ban, cause: undefined, raisedFrom: "claimed" },
      { status: "applied" },
      [],
    );
    expect(lines.join("")).toContain("ban      198.51.100.7 lengthened: for good (alive: ");
  });

  it("ends no scan's story by what a person has banned meanwhile", () => {
    const ended: string[] = [];
    const outcome: ScanStory["outcome"] = ({ ban }) => void ended.push(ban.origin);
    const clock = new FakeClock();
    const logger = createLogger("text", clock, () => {});
    const story = { outcome } as ScanStory;
    const events = new VedetteEvents({ logger, clock, tells: "stories", story });
    for (const origin of ["operator", "detector"] as const) {
      const ban = { prefix: "198.51.100.7/32", origin, means: [] } as unknown as Ban;
      events.outcome({ act: "ban", ban, cause: undefined }, { status: "applied" }, []);
    }
    expect(ended).toEqual(["detector"]);
  });
});

describe("VedetteEvents, campaigns", () => {
  const changes: readonly CampaignChange[] = ["opened", "convicted", "updated", "closed"];
  const tellAll = (events: VedetteEvents, isConvicted: boolean) => {
    for (const change of changes) {
      if (change === "convicted" && !isConvicted) continue;
      const isTold = change === "opened" ? false : isConvicted;
      events.campaign(change, () => campaign(isConvicted ? { verdict: "scan" } : {}), isTold);
    }
  };
  const labels = (lines: readonly string[]) => lines.map((line) => line.slice(9, 17).trim());

  it.each([
    { who: "people, of a scan", tells: "stories", isConvicted: true, told: ["scan", "story"] },
    { who: "people, of what came to nothing", tells: "stories", isConvicted: false, told: [] },
    {
      who: "who wants more, of what came to nothing",
      tells: "everything",
      isConvicted: false,
      told: ["begins", "so far", "over"],
    },
  ] as const)("tell $who: $told", ({ tells, isConvicted, told }) => {
    const { lines, events } = makeEvents("text", tells);
    tellAll(events, isConvicted);
    expect(labels(lines)).toEqual(told);
  });

  it("tell people neither probes nor verdicts: the campaign has told it", () => {
    const { lines, events } = makeEvents("text", "stories");
    events.probe(probe("198.51.100.7", 23), false);
    events.verdict(verdict());
    expect(lines).toEqual([]);
  });

  it("tell people once in a campaign why nothing follows", () => {
    const { lines, events } = makeEvents("text", "stories");
    const why = { status: "spared", reason: "watch-only", text: "Watching only." } as const;
    events.spared(verdict(), why, true);
    events.spared(verdict(), why, false);
    expect(labels(lines)).toEqual(["spared"]);
  });

  it("have their fields for machines, and levels by which to choose", () => {
    const { lines, events } = makeEvents("json");
    tellAll(events, false);
    events.campaign("convicted", () => campaign({ verdict: "scan" }), true);
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.map(({ event, level }) => `${event} ${level}`)).toEqual([
      ...["campaign-opened info", "campaign-updated info", "campaign-closed info"],
      "campaign-convicted notice",
    ]);
    expect(told.at(-1)).toMatchObject({ campaign: "c-1", source: "198.51.100.7", verdict: "scan" });
  });

  it("tell people of a group that scans, and whoever wants more of any", () => {
    const told = (tells: VedetteEventsParts["tells"], isScan: boolean) => {
      const { lines, events } = makeEvents("text", tells);
      for (const change of changes) events.group(change, () => group(), isScan);
      return labels(lines);
    };
    expect(told("stories", true)).toEqual(["group", "group", "group", "story"]);
    expect(told("stories", false)).toEqual([]);
    expect(told("everything", false)).toEqual(["group", "group", "group", "over"]);
  });

  it("are rationed apart from verdicts and orders, and made only when they are told", () => {
    const { lines, events } = makeEvents();
    let made = 0;
    const story = () => {
      made += 1;
      return campaign();
    };
    for (let n = 0; n < 1000; n += 1) events.campaign("opened", story, false);
    expect(made).toBe(LINES_A_SECOND);
    events.campaign("convicted", story, true);
    events.flush();
    expect(lines.at(-2)).toContain(" scan     198.51.100.7 scans ");
    expect(lines.at(-1)).toContain(`${1000 - LINES_A_SECOND} more beginnings and ends`);
  });
});
