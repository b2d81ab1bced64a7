import { describe, expect, it } from "vitest";
import type { ScanRecord } from "../../../src/broker/protocol.ts";
import type { DialectEvent } from "../../../src/daemon/dialects/dialect.ts";
import {
  SCANS_A_SECOND,
  ScanStory,
  type ScanStoryParts,
} from "../../../src/daemon/dialects/scan-story.ts";
import { MAX_WAITING } from "../../../src/daemon/dialects/turns.ts";
import type { Spared } from "../../../src/daemon/events.ts";
import { HistoryRecorder } from "../../../src/daemon/history-recorder.ts";
import type { Ban } from "../../../src/model/ban.ts";
import type { Order } from "../../../src/model/order.ts";
import { keepProbe, type Probe } from "../../../src/model/probe.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { formatWords } from "../../../src/net/address-words.ts";
import { SourceKeys } from "../../../src/net/source-keys.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { probe } from "../stages.ts";
import { address } from "./scans.ts";

const SCANNER = "192.0.2.7";

interface Scene extends ScanStoryParts {
  readonly story: ScanStory;
  readonly clock: FakeClock;
  readonly events: DialectEvent[];
  readonly records: ScanRecord[];
  readonly convicted: Set<string>;
  readonly banned: Set<string>;
  readonly trusted: Map<string, string>;
}

function scene(options: Partial<ScanStoryParts> = {}): Scene {
  const events: DialectEvent[] = [];
  const records: ScanRecord[] = [];
  const convicted = new Set<string>();
  const banned = new Set<string>();
  const trusted = new Map<string, string>();
  const clock = new FakeClock();
  const parts: ScanStoryParts = {
    clock,
    keys: new SourceKeys({ ipv6PrefixBits: 64 }),
    modes: { tcp: "atcp", udp: "audp" },
    consequences: { tcp: "block", udp: "block" },
    tells: "every-probe",
    isConvicted: (words) => convicted.has(formatWords(words)),
    whyTrusted: (source) => trusted.get(source),
    isBanned: (source) => banned.has(source),
    hostOf: undefined,
    tell: (event) => events.push(event),
    recorder: new HistoryRecorder({
      record: async (batch) => {
        records.push(...batch);
        return [];
      },
      results: new Set(["below-trigger", "watched", "blocked", "already-blocked", "failed"]),
      startTimer: () => {},
    }),
    ...options,
  };
  const story = new ScanStory(parts);
  return { ...parts, story, clock, events, records, convicted, banned, trusted };
}

function verdictOf(convicting: Probe): Verdict {
  const source = formatWords(convicting.source);
  return {
    source: new SourceKeys({ ipv6PrefixBits: 64 }).prefixOf(convicting.source),
    address: source,
    evidence: "claimed",
    ruleId: "trigger",
    reason: "1 unused port: tcp 11",
    ports: [],
    kinds: [],
    tool: undefined,
    last: keepProbe(convicting),
    probes: 1,
    firstSeenAtEpochMs: 0,
    decidedAtEpochMs: 0,
    campaignId: "c-1",
  };
}

function banOf({ source: prefix }: Verdict): Extract<Order, { act: "ban" }> {
  return { act: "ban", ban: { prefix, origin: "detector" } as Ban, cause: undefined };
}

const spared = (reason: Spared["reason"]): Spared => ({
  status: "spared",
  reason,
  text: `why: ${reason}.`,
});

/** "scan 11", "scan-over 11 blocked", "response command", "banned for 1 h". */
function inShort(events: readonly DialectEvent[]): string[] {
  return events.map((event) => {
    switch (event.event) {
      case "scan":
        return `scan ${event.scan.port}`;
      case "scan-over":
        return `over ${event.scan.port} ${event.result.status}`;
      case "response":
        return `response ${event.response.name}`;
      case "banned":
        return `banned ${event.span}`;
      case "not-banned":
        return `not-banned ${event.reason}`;
      case "left-out":
        return `left-out ${event.count} ${event.what}`;
      default:
        return event.event;
    }
  });
}

/** A probe that convicts, as the pipeline tells it. */
function convict(it: Scene, convicting: Probe): Verdict {
  const verdict = verdictOf(convicting);
  it.story.probe(convicting, true);
  it.convicted.add(verdict.address);
  it.story.verdict(verdict);
  return verdict;
}

describe("ScanStory, one probe", () => {
  it("tells what was seen of it", () => {
    const it = scene();
    it.story.probe({ ...probe(SCANNER, 11), tcpFlags: 0x29, hasIpOptions: true }, false);
    expect(it.events).toEqual([
      {
        event: "scan-over",
        scan: {
          source: SCANNER,
          host: SCANNER,
          transport: "tcp",
          port: 11,
          mode: "atcp",
          tcpFlags: 0x29,
          ipOptions: "set",
        },
        result: { status: "below-trigger" },
      },
    ]);
  });

  it.each([
    { tells: "every-probe", is: [], lines: ["over 11 below-trigger"] },
    { tells: "convicted-sources", is: [], lines: [] },
    { tells: "convictions", is: [], lines: [] },
    { tells: "every-probe", is: ["trusted"], lines: ["over 11 ignored"] },
    { tells: "convicted-sources", is: ["trusted"], lines: [] },
    {
      tells: "every-probe",
      is: ["convicted", "banned"],
      lines: ["scan 11", "over 11 already-blocked"],
    },
    {
      tells: "convicted-sources",
      is: ["convicted", "banned"],
      lines: ["scan 11", "over 11 already-blocked"],
    },
    { tells: "convictions", is: ["convicted", "banned"], lines: [] },
    { tells: "convicted-sources", is: ["convicted"], lines: ["scan 11", "over 11 failed"] },
    { tells: "convicted-sources", is: ["convicted", "trusted"], lines: ["over 11 ignored"] },
  ] as const)("telling $tells of a source that is $is: $lines", ({ tells, is, lines }) => {
    const it = scene({ tells });
    const states: readonly string[] = is;
    if (states.includes("convicted")) it.convicted.add(SCANNER);
    if (states.includes("banned")) it.banned.add(`${SCANNER}/32`);
    if (states.includes("trusted")) it.trusted.set(SCANNER, "default gateway");
    it.story.probe(probe(SCANNER, 11), false);
    expect(inShort(it.events)).toEqual(lines);
  });

  it.each([
    { reaction: "off", lines: ["scan 11", "response-off", "over 11 watched"] },
    { reaction: "watch", lines: ["scan 11", "over 11 watched"] },
    { reaction: "block", lines: ["scan 11", "over 11 failed"] },
  ] as const)("of a convicted source that nobody banned, reaction $reaction: $lines", (row) => {
    const it = scene({ consequences: { tcp: row.reaction, udp: "block" } });
    it.convicted.add(SCANNER);
    it.story.probe(probe(SCANNER, 11), false);
    expect(inShort(it.events)).toEqual(row.lines);
  });

  it.each([
    { why: "/etc/portsentry/portsentry.ignore:3", ignoreFile: "/etc/portsentry/portsentry.ignore" },
    { why: "default gateway", ignoreFile: undefined },
  ])("names the ignore file where a line of it trusts ($why)", ({ why, ignoreFile }) => {
    const it = scene();
    it.trusted.set(SCANNER, why);
    it.story.probe(probe(SCANNER, 11), false);
    expect(it.events).toMatchObject([{ result: { status: "ignored", ignoreFile } }]);
  });
});

describe("ScanStory, what has no port", () => {
  const ping = (): Probe => ({
    ...probe(SCANNER, 8),
    transport: "icmp",
    kind: "icmp-echo",
    tcpFlags: 0,
  });

  it("is not told, whoever sent it", () => {
    const it = scene();
    it.story.probe(ping(), false);
    it.convicted.add(SCANNER);
    it.story.probe(ping(), false);
    expect(it.events).toEqual([]);
  });

  it("is told in our words where it convicts, and in nobody's history", async () => {
    const it = scene();
    const verdict = convict(it, ping());
    await new Promise(setImmediate);
    expect(it.events).toEqual([
      { event: "note", level: "notice", text: "192.0.2.7 scans: 1 unused port: tcp 11" },
    ]);
    it.story.outcome(banOf(verdict), { status: "applied" }, [], "for 1 h");
    await it.story.settled();
    expect(inShort(it.events)).toEqual(["note", "banned for 1 h"]);
    expect(it.records).toEqual([]);
  });
});

describe("ScanStory, a conviction", () => {
  it("is told before anything is done, and over when it is done", async () => {
    const it = scene();
    const verdict = convict(it, probe(SCANNER, 11));
    await new Promise(setImmediate);
    expect(inShort(it.events)).toEqual(["scan 11"]);
    const responses = [
      { name: "hosts-deny", status: "applied", text: "ALL: 192.0.2.7" },
      { name: "command", status: "failed", text: "false" },
    ] as const;
    it.story.outcome(banOf(verdict), { status: "applied" }, responses, "for 1 h");
    await it.story.settled();
    expect(inShort(it.events)).toEqual([
      "scan 11",
      "response hosts-deny",
      "response command",
      "banned for 1 h",
      "over 11 blocked",
    ]);
  });

  it.each([
    { outcome: { status: "applied" }, lines: ["over 11 blocked"] },
    { outcome: { status: "already-applied" }, lines: ["over 11 blocked"] },
    {
      outcome: { status: "refused", reason: "trusted: x" },
      lines: ["not-banned trusted: x", "over 11 failed"],
    },
    {
      outcome: { status: "failed", reason: "no set" },
      lines: ["not-banned no set", "over 11 failed"],
    },
  ] as const)("whose ban is $outcome.status ends with $lines", async ({ outcome, lines }) => {
    const it = scene();
    const verdict = convict(it, probe(SCANNER, 11));
    it.story.outcome(banOf(verdict), outcome, [], undefined);
    await it.story.settled();
    expect(inShort(it.events)).toEqual(["scan 11", ...lines]);
  });

  it.each([
    { reason: "block-off", reaction: "off", lines: ["scan 11", "response-off", "over 11 watched"] },
    {
      reason: "watch-only",
      reaction: "off",
      lines: ["scan 11", "response-off", "over 11 watched"],
    },
    { reason: "watch-only", reaction: "watch", lines: ["scan 11", "over 11 watched"] },
    { reason: "already-banned", reaction: "block", lines: ["scan 11", "over 11 already-blocked"] },
    {
      reason: "budget",
      reaction: "block",
      lines: ["scan 11", "not-banned why: budget.", "over 11 failed"],
    },
  ] as const)(
    "that is spared ($reason, $reaction): $lines",
    async ({ reason, reaction, lines }) => {
      const it = scene({ consequences: { tcp: reaction, udp: "block" } });
      it.story.spared(convict(it, probe(SCANNER, 11)), spared(reason));
      await it.story.settled();
      expect(inShort(it.events)).toEqual(lines);
    },
  );

  it("of a trusted source is told as ignored, and never as a scan", async () => {
    const it = scene();
    it.trusted.set(SCANNER, "default gateway");
    it.story.spared(convict(it, probe(SCANNER, 11)), spared("trusted"));
    await it.story.settled();
    expect(inShort(it.events)).toEqual(["over 11 ignored"]);
  });

  it("is over before what its source sends meanwhile, which others pass", async () => {
    const it = scene();
    const verdict = convict(it, probe(SCANNER, 11));
    it.story.probe(probe(SCANNER, 12), false);
    it.story.probe(probe("192.0.2.8", 13), false);
    await new Promise(setImmediate);
    expect(inShort(it.events)).toEqual(["scan 11", "over 13 below-trigger"]);
    it.banned.add(`${SCANNER}/32`);
    it.story.outcome(banOf(verdict), { status: "applied" }, [], undefined);
    await it.story.settled();
    expect(inShort(it.events).slice(2)).toEqual([
      "over 11 blocked",
      "scan 12",
      "over 12 already-blocked",
    ]);
  });

  it("of one that convicts itself again while its order waits is told behind the first", async () => {
    const it = scene();
    const verdict = convict(it, probe(SCANNER, 11));
    convict(it, probe(SCANNER, 12));
    it.banned.add(`${SCANNER}/32`);
    for (let order = 0; order < 2; order += 1) {
      it.story.outcome(banOf(verdict), { status: "applied" }, [], undefined);
    }
    await it.story.settled();
    expect(inShort(it.events)).toEqual([
      "scan 11",
      "over 11 blocked",
      "scan 12",
      "over 12 already-blocked",
    ]);
  });

  it("is not over because a later one is spared while its order waits", async () => {
    const it = scene();
    const verdict = convict(it, probe(SCANNER, 11));
    it.story.spared(convict(it, probe(SCANNER, 12)), spared("budget"));
    await new Promise(setImmediate);
    expect(inShort(it.events)).toEqual(["scan 11"]);
    it.story.outcome(banOf(verdict), { status: "applied" }, [], undefined);
    await it.story.settled();
    expect(inShort(it.events).slice(0, 2)).toEqual(["scan 11", "over 11 blocked"]);
  });

  it("is not told of a ban that nobody was convicted for", async () => {
    const it = scene();
    it.story.outcome(banOf(verdictOf(probe(SCANNER, 11))), { status: "applied" }, [], "for 1 h");
    await it.story.settled();
    expect(it.events).toEqual([]);
  });

  it("is one of the whole /64, told with the address that sent the probe", async () => {
    const it = scene();
    const verdict = convict(it, probe("2001:db8::7", 11));
    it.story.outcome(banOf(verdict), { status: "applied" }, [], "for good");
    await it.story.settled();
    expect(it.events).toMatchObject([
      { event: "scan", scan: { source: "2001:db8::7", ipOptions: "unknown" } },
      { event: "banned", target: "2001:db8::/64" },
      { event: "scan-over", scan: { source: "2001:db8::7" } },
    ]);
  });
});

describe("ScanStory with names", () => {
  it("waits for the name, in the order of one source, and asks none for what is left out", async () => {
    const asked: string[] = [];
    const answers: (() => void)[] = [];
    const it = scene({
      hostOf: (source) => {
        asked.push(source);
        return new Promise((resolve) =>
          answers.push(() => resolve(`host${answers.length}.example`)),
        );
      },
    });
    for (let port = 1; port <= SCANS_A_SECOND + 5; port += 1)
      it.story.probe(probe(SCANNER, port), false);
    expect([asked.length, it.events.length]).toEqual([SCANS_A_SECOND, 0]);
    for (const answer of answers.toReversed()) answer();
    await it.story.settled();
    const ports = it.events.flatMap((event) =>
      event.event === "scan-over" ? [event.scan.port] : [],
    );
    expect(ports).toEqual(Array.from({ length: SCANS_A_SECOND }, (_, index) => index + 1));
    expect(it.events[0]).toMatchObject({ scan: { host: `host${SCANS_A_SECOND}.example` } });
  });

  it("lets so many lines wait, and leaves out and counts what comes then", async () => {
    const gate = Promise.withResolvers<string>();
    const it = scene({ hostOf: () => gate.promise });
    for (let second = 0; second < 10; second += 1) {
      for (let count = 0; count < SCANS_A_SECOND; count += 1) {
        it.story.probe(probe(`10.0.${second}.${count}`, 11, second * 1000), false);
      }
    }
    it.story.flush();
    expect(inShort(it.events)).toEqual([`left-out ${10 * SCANS_A_SECOND - MAX_WAITING} probes`]);
    gate.resolve("a.example");
    await it.story.settled();
    expect(it.events).toHaveLength(MAX_WAITING + 1);
  });
});

describe("ScanStory under a flood", () => {
  it("rations first contacts, convicted sources and convictions apart", async () => {
    const it = scene();
    const count = SCANS_A_SECOND + 7;
    for (let index = 0; index < count; index += 1) it.story.probe(probe(SCANNER, 11), false);
    const convicted = address("192.0.2.8");
    it.convicted.add(convicted);
    for (let index = 0; index < count; index += 1) it.story.probe(probe(convicted, 12), false);
    for (let index = 0; index < count; index += 1) {
      it.story.spared(
        convict(it, probe(`10.0.${index >> 8}.${index & 255}`, 13)),
        spared("budget"),
      );
    }
    await it.story.settled();
    const scans = (port: number) =>
      it.events.filter((event) => event.event === "scan-over" && event.scan.port === port);
    expect([11, 12, 13].map((port) => scans(port).length)).toEqual(
      Array.from({ length: 3 }, () => SCANS_A_SECOND),
    );
    const before = it.events.length;
    it.story.flush();
    it.story.flush();
    expect(inShort(it.events).slice(before)).toEqual([
      "left-out 7 probes",
      "left-out 7 probes of scanners",
      "left-out 7 scans",
    ]);
  });

  it("tells the next second again", () => {
    const it = scene();
    for (let index = 0; index <= SCANS_A_SECOND; index += 1) {
      it.story.probe(probe(SCANNER, 11, 999), false);
    }
    expect(it.events).toHaveLength(SCANS_A_SECOND);
    it.story.probe(probe(SCANNER, 11, 1000), false);
    expect(it.events).toHaveLength(SCANS_A_SECOND + 1);
  });

  it("counts nothing as left out of what its dialect does not tell", () => {
    const it = scene({ tells: "convicted-sources" });
    for (let index = 0; index < 1000; index += 1) it.story.probe(probe(SCANNER, 11), false);
    it.story.flush();
    expect(it.events).toEqual([]);
  });
});

describe("ScanStory and the history", () => {
  it("records each scan that is over, with what became of it, and no trusted source", async () => {
    const it = scene();
    it.trusted.set("192.0.2.1", "default gateway");
    it.story.probe(probe("192.0.2.1", 11), false);
    it.story.probe(probe(SCANNER, 11), false);
    const verdict = convict(it, probe(SCANNER, 12));
    it.story.outcome(banOf(verdict), { status: "applied" }, [], undefined);
    await it.story.settled();
    expect(it.records).toEqual([
      {
        source: SCANNER,
        host: SCANNER,
        transport: "tcp",
        port: 11,
        tcpFlags: 2,
        ipOptions: "not set",
        result: "below-trigger",
      },
      expect.objectContaining({ source: SCANNER, port: 12, result: "blocked" }),
    ]);
  });
});

describe("ScanStory over a reload", () => {
  it("tells a scan that is under way to its end, by the new configuration", async () => {
    const before = scene();
    const after = scene();
    const verdict = convict(before, probe(SCANNER, 11));
    before.story.reconfigure(after);
    before.story.outcome(banOf(verdict), { status: "applied" }, [], "for 1 h");
    await before.story.settled();
    expect(inShort(before.events)).toEqual(["scan 11"]);
    expect(inShort(after.events)).toEqual(["banned for 1 h", "over 11 blocked"]);
    expect(after.records).toMatchObject([{ source: SCANNER, port: 11, result: "blocked" }]);
    expect(before.records).toEqual([]);
  });

  it("hands on what waits for the history of the old configuration", async () => {
    const before = scene();
    before.story.probe(probe(SCANNER, 11), false);
    before.story.probe(probe(SCANNER, 12), false);
    expect(before.records).toHaveLength(1);
    before.story.reconfigure(scene());
    expect(before.records).toMatchObject([{ port: 11 }, { port: 12 }]);
    await before.story.settled();
  });
});
