import { describe, expect, it } from "vitest";
import {
  campaignFields,
  formatConviction,
  formatGroup,
  formatHow,
  formatOpening,
  formatStory,
  groupFields,
} from "../../src/daemon/campaign-lines.ts";
import type { Campaign, CampaignGroup } from "../../src/model/campaign.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { campaign, group } from "./campaigns.ts";

const SCAN: Partial<Campaign> = { verdict: "scan", reason: "4 unused ports within 1 s: tcp 22-25" };

const UNTIL = Date.parse("2026-11-22T13:00:00Z");

const SILENT = ["192.0.2.8/32", "192.0.2.9/32"] as Prefix[];

/** Every other port, `count` of them. */
const scattered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ first: index * 2 + 1, last: index * 2 + 1 }));

describe("formatStory", () => {
  const head = "198.51.100.7 scanned 2 ports within 2 s (SYN; claimed): tcp 22-23; 3 packets";

  it.each<{ what: string; more: Partial<Campaign>; line: string }>([
    {
      what: "that came to nothing",
      more: {},
      line: "198.51.100.7 probed 2 ports within 2 s (SYN; claimed): tcp 22-23; 3 packets",
    },
    { what: "without an outcome", more: SCAN, line: `${head}; not banned` },
    {
      what: "with a hold and a ban",
      more: { ...SCAN, wasHeld: true, outcome: { status: "banned", untilEpochMs: UNTIL } },
      line: `${head}; held, banned until 2026-11-22 13:00:00 UTC`,
    },
    {
      what: "with a ban for good",
      more: { ...SCAN, outcome: { status: "banned", untilEpochMs: undefined } },
      line: `${head}; banned for good`,
    },
    {
      what: "of one that was let in again",
      more: { ...SCAN, outcome: { status: "unbanned" } },
      line: `${head}; banned, and let in again`,
    },
    {
      what: "of one that is trusted",
      more: { ...SCAN, outcome: { status: "spared", reason: "trusted", text: "It is trusted." } },
      line: `${head}; spared: It is trusted`,
    },
    {
      what: "with a ban that failed",
      more: { ...SCAN, outcome: { status: "failed", text: "no such set" } },
      line: `${head}; not banned: no such set`,
    },
    {
      what: "of many transports, kinds and addresses, by a tool, behind others",
      more: {
        ...SCAN,
        ports: [
          { transport: "tcp", ranges: [{ first: 22, last: 22 }] },
          { transport: "udp", ranges: [{ first: 53, last: 54 }] },
        ],
        portCount: { count: 3, isAtLeast: false },
        kinds: ["tcp-syn", "udp"],
        tool: "nmap",
        evidence: "proven",
        destinations: { count: 16, isAtLeast: true },
        emitter: { sources: 4, realCount: 0, real: [], silent: SILENT },
        lastAtEpochMs: 0,
        firstAtEpochMs: 0,
      },
      line:
        "198.51.100.7 or another of 4 addresses scanned 3 ports on at least 16 addresses (a sweep) " +
        "within 1 s (SYN, UDP, by nmap; " +
        "proven): tcp 22; udp 53-54; 3 packets; " +
        "one sender uses 4 addresses, of which none has answered: 192.0.2.8, 192.0.2.9 and 2 more; " +
        "not banned",
    },
    {
      what: "of pings alone",
      more: {
        ...SCAN,
        ports: [{ transport: "icmp", ranges: [{ first: 8, last: 8 }] }],
        portCount: { count: 1, isAtLeast: false },
        kinds: ["icmp-echo"],
        destinations: { count: 3, isAtLeast: false },
      },
      line:
        "198.51.100.7 scanned 3 addresses (a sweep) within 2 s (ping; claimed): icmp 8; 3 packets; " +
        "not banned",
    },
    {
      what: "of ports, pings and protocols",
      more: {
        ...SCAN,
        ports: [
          { transport: "tcp", ranges: [{ first: 22, last: 23 }] },
          { transport: "icmp", ranges: [{ first: 8, last: 8 }] },
          { transport: "ip", ranges: [{ first: 50, last: 51 }] },
        ],
        portCount: { count: 5, isAtLeast: false },
        kinds: ["tcp-syn", "ip-protocol"],
      },
      line:
        "198.51.100.7 scanned 2 ports and 2 protocols within 2 s (SYN, IP protocol; claimed): " +
        "tcp 22-23; icmp 8; ip 50-51; 3 packets; not banned",
    },
  ])("is one line: $what", ({ more, line }) => {
    expect(formatStory(campaign(more))).toBe(line);
  });

  it.each<{ what: string; more: Partial<Campaign>; end: RegExp }>([
    {
      what: "so many ranges that a line has no room",
      more: {
        ports: [{ transport: "tcp", ranges: scattered(30) }],
        portCount: { count: 30, isAtLeast: false },
      },
      end: /, 45, 47 and 6 more;/,
    },
    {
      what: "UDP behind as many",
      more: {
        ports: [
          { transport: "tcp", ranges: scattered(24) },
          { transport: "udp", ranges: [{ first: 1, last: 9 }] },
        ],
        portCount: { count: 33, isAtLeast: false },
      },
      end: /, 45, 47 and 9 more;/,
    },
    {
      what: "ports that could not be told apart",
      more: { portCount: { count: 2, isAtLeast: true } },
      end: /probed at least 2 ports .* tcp 22-23 and more;/,
    },
    {
      what: "ports that are counted and not listed",
      more: { portCount: { count: 5, isAtLeast: true } },
      end: /probed at least 5 ports .* tcp 22-23 and at least 3 more;/,
    },
  ])("says that there are more: $what", ({ more, end }) => {
    expect(formatStory(campaign(more))).toMatch(end);
  });
});

describe("formatOpening and formatConviction", () => {
  it("say what is known then", () => {
    const emitter = { sources: 2, realCount: 0, real: [], silent: SILENT };
    const nmap = campaign({ ...SCAN, tool: "nmap", emitter });
    expect(formatOpening(nmap)).toBe("198.51.100.7 probes tcp 22-23 (SYN, by nmap)");
    expect(formatOpening(campaign({ wasHeld: true }))).toBe(
      "198.51.100.7 probes tcp 22-23 (SYN); held",
    );
    expect(formatConviction(nmap)).toBe(
      "198.51.100.7 or another of 2 addresses scans (SYN, by nmap): 4 unused ports within 1 s: " +
        "tcp 22-25; one sender uses 2 addresses, of which none has answered yet: 192.0.2.8, 192.0.2.9",
    );
    expect(formatConviction(campaign({ ...SCAN, tool: "connect" }))).toBe(
      "198.51.100.7 scans (SYN, by an ordinary TCP stack): 4 unused ports within 1 s: tcp 22-25",
    );
  });
});

describe("formatHow", () => {
  it.each<Pick<Campaign, "kinds" | "tool"> & { how: string }>([
    { kinds: ["tcp-syn"], tool: undefined, how: "SYN" },
    { kinds: ["tcp-syn", "tcp-fin"], tool: "nmap", how: "SYN, FIN, by nmap" },
    { kinds: ["tcp-syn"], tool: "connect", how: "SYN, by an ordinary TCP stack" },
    {
      kinds: ["tcp-connect", "tcp-syn", "udp"],
      tool: "connect",
      how: "connect, UDP, by an ordinary TCP stack",
    },
  ])("says each kind once, and what made it: $how", ({ how, ...by }) => {
    expect(formatHow(by)).toBe(how);
  });
});

describe("formatGroup and groupFields", () => {
  const scanners = ["198.51.100.7/32", "198.51.100.8/32"] as Prefix[];
  const others = ["198.51.100.9/32"] as Prefix[];

  it.each<{ what: string; more: Partial<CampaignGroup>; isOver?: boolean; line: string }>([
    {
      what: "of whom none is convicted",
      more: {},
      line:
        "3 sources of 198.51.100.0/24: 3 probe (198.51.100.7, 198.51.100.8, 198.51.100.9): " +
        "4 ports within 2 s (SYN; claimed): tcp 22-25; 9 packets",
    },
    {
      what: "of whom one only probes",
      more: { convicted: 2, scanners, others, tool: "nmap", evidence: "alive" },
      line:
        "3 sources of 198.51.100.0/24: 2 scan (198.51.100.7, 198.51.100.8), " +
        "1 probes (198.51.100.9): 4 ports within 2 s (SYN, by nmap; alive at best): " +
        "tcp 22-25; 9 packets",
    },
    {
      what: "of whom one scanned, in the end",
      more: { convicted: 1, banned: 1, scanners: scanners.slice(0, 1), others },
      isOver: true,
      line:
        "3 sources of 198.51.100.0/24: 1 scanned (198.51.100.7), 2 probed (198.51.100.9, …): " +
        "4 ports within 2 s (SYN; claimed): tcp 22-25; 9 packets; 1 banned",
    },
    {
      what: "of whom all scanned, more than are named",
      more: { sources: 50, convicted: 50, scanners, others: [] },
      isOver: true,
      line:
        "50 sources of 198.51.100.0/24: 50 scanned (198.51.100.7, 198.51.100.8, …): " +
        "4 ports within 2 s (SYN; claimed): tcp 22-25; 9 packets; nobody banned",
    },
  ])("say of each of the sources what it did: $what", ({ more, isOver = false, line }) => {
    expect(formatGroup(group(more), isOver)).toBe(line);
  });

  it("have the same for machines", () => {
    expect(groupFields(group({ convicted: 2, banned: 1, scanners, others }))).toEqual({
      prefix: "198.51.100.0/24",
      sources: 3,
      listed: "198.51.100.7,198.51.100.8,198.51.100.9",
      convicted: 2,
      banned: 1,
      scanners: "198.51.100.7,198.51.100.8",
      first: "2026-11-22T12:00:00.000Z",
      last: "2026-11-22T12:00:02.000Z",
      packets: 9,
      ports: "tcp 22-25",
      port_count: 4,
      kinds: "tcp-syn",
      tool: undefined,
      evidence: "claimed",
    });
  });
});

describe("campaignFields", () => {
  it("has every port that is known, and times for machines", () => {
    const outcome = { status: "banned", untilEpochMs: UNTIL } as const;
    const ports = [{ transport: "tcp" as const, ranges: scattered(30) }];
    const portCount = { count: 30, isAtLeast: false };
    expect(campaignFields(campaign({ ...SCAN, ports, portCount, outcome, score: 256 }))).toEqual({
      campaign: "c-1",
      source: "198.51.100.7",
      first: "2026-11-22T12:00:00.000Z",
      last: "2026-11-22T12:00:02.000Z",
      packets: 3,
      ports: `tcp ${scattered(30)
        .map(({ first }) => first)
        .join(", ")}`,
      port_count: 30,
      kinds: "tcp-syn",
      tool: undefined,
      evidence: "claimed",
      destinations: 1,
      sweep: false,
      verdict: "scan",
      score: 256,
      reason: SCAN.reason,
      held: false,
      outcome: "banned",
      until: "2026-11-22T13:00:00.000Z",
      spared: undefined,
      emitter_sources: undefined,
      emitter_real: undefined,
      emitter_silent: undefined,
    });
  });
});
