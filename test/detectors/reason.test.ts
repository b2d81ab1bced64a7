import { describe, expect, it } from "vitest";
import {
  type Finding,
  formatReason,
  formatWalkReason,
  type WalkFinding,
} from "../../src/detectors/reason.ts";
import type { ProbedPort } from "../../src/model/verdict.ts";

/** "tcp 22 25 udp 53 icmp 8 ip 47" */
function ports(text: string): ProbedPort[] {
  let transport: ProbedPort["transport"] = "tcp";
  return text.split(" ").flatMap((word) => {
    if (/^\d+$/.test(word)) return [{ transport, port: Number(word) }];
    transport = word as ProbedPort["transport"];
    return [];
  });
}

const finding = (text: string, contacts: number, more: Partial<Finding> = {}): Finding => ({
  ports: ports(text),
  contacts,
  counts: "distinct-ports",
  areUnused: true,
  pinged: 0,
  spanMs: 0,
  ...more,
});

describe("formatReason", () => {
  it.each<[Finding, string]>([
    [finding("tcp 22", 1), "1 unused port: tcp 22"],
    [finding("tcp 22", 1, { areUnused: false }), "1 port: tcp 22"],
    [finding("tcp 22 80", 2, { areUnused: false }), "2 ports within 1 s: tcp 22, 80"],
    [finding("tcp 25 22 23", 3, { spanMs: 1500 }), "3 unused ports within 2 s: tcp 22-23, 25"],
    [finding("tcp 22 udp 53 69", 3), "3 unused ports within 1 s: tcp 22; udp 53, 69"],
    [finding("tcp 993 143 22 23", 3), "4 unused ports within 1 s: tcp 22-23, 143, 993"],
    [finding("tcp 1 2", 40), "40 unused ports within 1 s, the first 2: tcp 1-2"],
    [finding("tcp 22", 1, { counts: "hits" }), "1 unused port: tcp 22"],
    [finding("tcp 22 23", 2, { counts: "hits" }), "2 unused ports within 1 s: tcp 22-23"],
    [
      finding("tcp 22 23", 5, { counts: "hits" }),
      "5 probes of 2 unused ports within 1 s: tcp 22-23",
    ],
    [finding("udp 161", 3, { counts: "hits" }), "3 probes of 1 unused port within 1 s: udp 161"],
    [finding("icmp 8", 0, { pinged: 3 }), "pings of 3 addresses within 1 s"],
    [finding("ip 50 4 51", 0, { spanMs: 1500 }), "3 unserved protocols within 2 s: ip 4, 50-51"],
    [
      finding("tcp 22 icmp 8 13 ip 47", 1, { pinged: 1 }),
      "1 unused port within 1 s: tcp 22; ping of 1 address; 1 unserved protocol: ip 47",
    ],
    [
      finding("tcp 22 icmp 8", 5, { counts: "hits", pinged: 3 }),
      "5 probes of 1 unused port within 1 s: tcp 22; pings of 3 addresses",
    ],
  ])("%j -> %s", (input, expected) => {
    expect(formatReason(input)).toBe(expected);
  });

  it.each([
    [0, "1 s"],
    [1000, "1 s"],
    [1001, "2 s"],
    [119_000, "119 s"],
    [119_001, "2 min"],
    [119 * 60_000, "119 min"],
    [119 * 60_000 + 1, "2 h"],
    [47 * 3_600_000, "47 h"],
    [47 * 3_600_000 + 1, "2 d"],
  ])("says of %i ms: within %s", (spanMs, span) => {
    expect(formatReason(finding("tcp 1 2", 2, { spanMs }))).toContain(` within ${span}:`);
  });
});

describe("formatWalkReason", () => {
  const walk = (text: string, more: Partial<WalkFinding> = {}): WalkFinding => ({
    ports: ports(text),
    addresses: 1,
    pinged: 0,
    traps: [],
    crafted: [],
    hits: 0,
    areUnused: true,
    spanMs: 180_000,
    ratio: 256,
    ...more,
  });

  it.each<[WalkFinding, string]>([
    [walk("tcp 80 22 443 23"), "4 unused ports within 3 min: tcp 22-23, 80, 443; score 256"],
    [walk("tcp 22 udp 53"), "2 unused ports within 3 min: tcp 22; udp 53; score 256"],
    [walk("tcp 1 3", { areUnused: false }), "2 ports within 3 min: tcp 1, 3; score 256"],
    [
      walk("tcp 22 23 25", { traps: ports("tcp 23") }),
      "3 unused ports within 3 min: tcp 22-23, 25; trap tcp 23; score 256",
    ],
    [
      walk("tcp 23 445", { traps: ports("tcp 445 23"), hits: 1, addresses: 2 }),
      "2 unused ports on 2 addresses within 3 min: tcp 23, 445; traps tcp 23, 445; " +
        "1 real service; score 256",
    ],
    [
      walk("tcp 1 2", { hits: 2, ratio: 99.4 }),
      "2 unused ports within 3 min: tcp 1-2; 2 real services; score 99",
    ],
    [
      walk("icmp 8 13", { pinged: 3, ratio: 181.02 }),
      "pings of 3 addresses within 3 min; score 181",
    ],
    [
      walk("tcp 1 ip 47 50 51 icmp 8", { pinged: 1, hits: 1 }),
      "1 unused port within 3 min: tcp 1; ping of 1 address; 3 unserved protocols: ip 47, 50-51; " +
        "1 real service; score 256",
    ],
    [walk("tcp 1 2", { ratio: 1e6 }), "2 unused ports within 3 min: tcp 1-2; score 1000000"],
    [
      walk("tcp 1 2", { ratio: 2 ** 64 }),
      "2 unused ports within 3 min: tcp 1-2; score above 1000000",
    ],
  ])("%j -> %s", (input, expected) => {
    expect(formatWalkReason(input)).toBe(expected);
  });
});
