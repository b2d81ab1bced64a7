import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AskSuccesses,
  SequentialDetector,
  type SequentialOptions,
} from "../../src/detectors/sequential.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { CONVICTION_RATIO, ratioOf } from "../../src/model/walk.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { PortSet } from "../../src/net/port-range.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { describeDetector } from "../conformance/detector.ts";
import { clock, convictions, probe, SCANNER, STARTED_AT_EPOCH_MS, verdictOf } from "./traces.ts";

const HOUR_MS = 3_600_000;

const OPTIONS: SequentialOptions = {
  isStrict: false,
  halfLifeMs: 6 * HOUR_MS,
  trapPorts: new PortSet([23, 139, 445]),
  areUnused: true,
  recordMs: 24 * HOUR_MS,
  maxSources: 64,
};

const detector = (options: Partial<SequentialOptions> = {}, ask?: AskSuccesses) =>
  new SequentialDetector(
    { ...OPTIONS, ...options },
    clock,
    new SourceKeys({ ipv6PrefixBits: 64 }),
    ask,
  );

const words = (address: string) => wordsOf(address as IpAddress);

/** The first `count` ports of 1, 2, 3, …, `gapMs` apart. */
const inTurn = (count: number, gapMs: number, letter = "") =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}@${index * gapMs}`).join(" ");

describeDetector("SequentialDetector", () => detector());

describe("SequentialDetector, first contacts", () => {
  it.each([
    { what: "four ports", trace: "22@0 80@1 25@2 81@3", convicts: ["81@3"] },
    { what: "three ports", trace: "22@0 80@1 25@2", convicts: [] },
    { what: "one port, again and again", trace: "22@0 22@1 22@2 22@3 22@4", convicts: [] },
    { what: "repeats between", trace: "22@0 22@1 80@2 80@3 25@4 81@5", convicts: ["81@5"] },
    { what: "port 0 and the last", trace: "0@0 1@0 2@0 65535@0", convicts: ["65535@0"] },
    {
      what: "a mail client looking for its server",
      trace: "993@0 143@1 995@2 110@3 465@4 587@5",
      convicts: [],
    },
    { what: "mail ports and three others", trace: "993@0 143@1 1@2 2@3 4@4", convicts: ["4@4"] },
    { what: "a file share, twice a trap", trace: "445@0 139@1", convicts: [] },
    { what: "a share, and another port", trace: "445@0 139@1 22@2", convicts: [] },
    { what: "a trap and two ports", trace: "23@0 22@1 80@2", convicts: ["80@2"] },
    { what: "two traps", trace: "23@0 445@1", convicts: ["445@1"] },
    { what: "one trap, again and again", trace: "23@0 23@1 23@2 23@3", convicts: [] },
    { what: "UDP alone, six ports", trace: inTurn(6, 1, "u"), convicts: [] },
    { what: "UDP alone, seven ports", trace: inTurn(7, 1, "u"), convicts: ["u7@6"] },
    { what: "UDP on a trap's number", trace: "u23@0 u445@1 22@2", convicts: [] },
    { what: "three ports and one over UDP", trace: "22@0 80@1 25@2 u53@3", convicts: ["u53@3"] },
    { what: "TCP and UDP of one number", trace: "53@0 u53@1 54@2 55@3", convicts: ["55@3"] },
    { what: "two ports and two over UDP", trace: "22@0 80@1 u53@2 u69@3", convicts: [] },
    { what: "stray segments, thirteen ports", trace: inTurn(13, 1, "a"), convicts: [] },
    { what: "stray segments, fourteen ports", trace: inTurn(14, 1, "a"), convicts: ["a14@13"] },
    {
      what: "a stray segment before each port",
      trace: "a22@0 22@1 a80@2 80@3 a25@4 25@5 a81@6 81@7",
      convicts: ["81@7"],
    },
    { what: "a stray segment after each", trace: "22@0 a22@1 80@2 a80@3 25@4 a25@5", convicts: [] },
    { what: "crafted packets to two ports", trace: "x22@0 x80@1", convicts: ["x80@1"] },
    { what: "crafted packets to one port", trace: "x22@0 x22@1 22@2 x22@3", convicts: [] },
    { what: "crafted packets to a trap", trace: "x23@0 23@1 x23@2", convicts: [] },
    {
      what: "what nmap -O asks: a SYN and XMAS to a port, and UDP",
      trace: "81@0 x81@1 u31404@2",
      convicts: ["u31404@2"],
    },
    { what: "one crafted packet, and a port", trace: "x22@0 80@1", convicts: [] },
    { what: "the weightier of a family later", trace: "139@0 445@1 22@2", convicts: [] },
  ])("$what ($trace) -> $convicts", ({ trace, convicts }) => {
    expect(convictions(detector(), trace)).toEqual(convicts);
  });

  it.each([
    { what: "three ports", trace: "22@0 80@1 25@2", convicts: ["25@2"] },
    { what: "two ports", trace: "22@0 80@1", convicts: [] },
    { what: "a trap and a port", trace: "23@0 22@1", convicts: ["22@1"] },
    { what: "one trap", trace: "23@0 23@1", convicts: [] },
    { what: "a trap and UDP", trace: "23@0 u53@1", convicts: ["u53@1"] },
    { what: "four ports over UDP", trace: inTurn(4, 1, "u"), convicts: [] },
    { what: "five ports over UDP", trace: inTurn(5, 1, "u"), convicts: ["u5@4"] },
  ])("convicts of $what when strict ($trace) -> $convicts", ({ trace, convicts }) => {
    expect(convictions(detector({ isStrict: true }), trace)).toEqual(convicts);
  });

  it("counts a family double when any port of it is a trap, whichever comes first", () => {
    const trapPorts = new PortSet([139]);
    expect(convictions(detector({ trapPorts }), "139@0 445@1 22@2 80@3")).toEqual(["80@3"]);
    expect(convictions(detector({ trapPorts }), "445@0 139@1 22@2 80@3")).toEqual(["80@3"]);
    expect(convictions(detector({ trapPorts }), "445@0 22@2 80@3")).toEqual([]);
  });

  it("judges each source by itself", () => {
    const sut = detector();
    expect(convictions(sut, "22@0 80@1", "192.0.2.1")).toEqual([]);
    expect(convictions(sut, "81@2 25@3", "192.0.2.2")).toEqual([]);
    expect(sut.tracked).toBe(2);
  });
});

describe("SequentialDetector, addresses of ours", () => {
  const at = (address: string, step: string) =>
    probe(SCANNER, step, { destination: words(address) });

  it("counts a port once on each address", () => {
    const sut = detector();
    expect(sut.observe(at("198.51.100.1", "22@0"))).toBeUndefined();
    expect(sut.observe(at("198.51.100.2", "22@1"))).toBeUndefined();
    expect(sut.observe(at("198.51.100.1", "22@2"))).toBeUndefined();
    expect(sut.observe(at("198.51.100.1", "80@3"))).toBeUndefined();
    const verdict = sut.observe(at("198.51.100.2", "80@4"));
    expect(verdict?.reason).toBe("2 unused ports on 2 addresses within 1 s: tcp 22, 80; score 256");
    expect(verdict?.ports).toHaveLength(2);
    expect(verdict?.score?.steps).toHaveLength(4);
  });

  it("convicts nobody of one port on however many of them, until there is another", () => {
    const sut = detector();
    for (let host = 1; host <= 200; host += 1) {
      expect(sut.observe(at(`198.51.100.${host}`, `22@${host}`))).toBeUndefined();
    }
    expect(sut.observe(at("198.51.100.1", "23@300"))?.reason).toMatch(/score above 1000000$/);
  });
});

describe("SequentialDetector, time", () => {
  it.each([
    { what: "nmap -T1", gapMs: 15_000, ports: 4 },
    { what: "nmap -T0", gapMs: 300_000, ports: 4 },
    { what: "a port an hour", gapMs: HOUR_MS, ports: 4 },
    { what: "a port in two hours", gapMs: 2 * HOUR_MS, ports: 5 },
    { what: "a port in three hours", gapMs: 3 * HOUR_MS, ports: 11 },
  ])("finds $what with $ports ports", ({ gapMs, ports }) => {
    const verdicts = inTurn(20, gapMs).split(" ");
    expect(convictions(detector(), verdicts.slice(0, ports).join(" "))).toEqual([
      verdicts[ports - 1],
    ]);
  });

  it("finds nobody who touches a port in four hours", () => {
    const sut = detector({ trapPorts: new PortSet() });
    expect(convictions(sut, inTurn(200, 4 * HOUR_MS))).toEqual([]);
  });

  it.each([
    { halfLifeMs: HOUR_MS, convicts: [] },
    { halfLifeMs: 24 * HOUR_MS, convicts: ["4@10800000"] },
  ])("fades with a half-life of $halfLifeMs ms", ({ halfLifeMs, convicts }) => {
    expect(convictions(detector({ halfLifeMs }), inTurn(4, HOUR_MS))).toEqual(convicts);
  });

  it.each([
    { what: "as it ends", atMs: 10_000, convicts: ["81@10000"] },
    { what: "a millisecond later", atMs: 10_001, convicts: [] },
  ])("counts on from the record $what", ({ atMs, convicts }) => {
    const sut = detector({ recordMs: 10_000 });
    expect(convictions(sut, `22@0 80@0 25@0 81@${atMs}`)).toEqual(convicts);
  });

  it("lets repeats of one port keep nothing alive", () => {
    const sut = detector({ recordMs: 10_000 });
    const healthChecks = Array.from({ length: 20 }, (_, index) => `8080@${index * 1000}`).join(" ");
    expect(convictions(sut, `22@0 25@0 ${healthChecks} 80@20000`)).toEqual([]);
  });

  it("takes a probe that is seen out of order for one at the time of the last", () => {
    const verdict = verdictOf(detector(), "22@1000 80@500 25@0 81@2000");
    expect(verdict.score?.steps.map(({ afterMs }) => afterMs)).toEqual([0, 0, 0, 1000]);
  });
});

describe("SequentialDetector, hits", () => {
  const hit = (sut: SequentialDetector, port: number, atMs = 0) =>
    sut.observeHit(words(SCANNER), { transport: "tcp", port }, atMs);

  it("costs a scanner one more port for each service", () => {
    const sut = detector();
    convictions(sut, "1@0 2@0 3@0");
    hit(sut, 22);
    const verdict = verdictOf(sut, "4@0 5@0");
    expect(verdict.reason).toBe("5 unused ports within 1 s: tcp 1-5; 1 real service; score 256");
    expect(verdict.ports).toHaveLength(5);
  });

  it("counts the first on each port alone", () => {
    const sut = detector();
    convictions(sut, "1@0 2@0 3@0");
    for (let again = 0; again < 20; again += 1) hit(sut, 22);
    expect(convictions(sut, "4@0 5@0")).toEqual(["5@0"]);
  });

  it("never saves more than the way from the acquittal to the conviction", () => {
    const sut = detector();
    convictions(sut, "1@0");
    for (let port = 100; port < 200; port += 1) hit(sut, port);
    const trace = Array.from({ length: 8 }, (_, index) => `${index + 2}@0`);
    expect(convictions(sut, trace.join(" "))).toEqual(["8@0"]);
  });

  it("fades as misses do", () => {
    const sut = detector();
    convictions(sut, "1@0");
    for (let port = 100; port < 104; port += 1) hit(sut, port);
    const later = 20 * HOUR_MS;
    expect(convictions(sut, `2@${later} 3@${later} 4@${later} 5@${later}`)).toEqual([`5@${later}`]);
  });

  it("makes no record and keeps none alive", () => {
    const sut = detector({ recordMs: 10_000 });
    hit(sut, 22);
    expect(sut.tracked).toBe(0);
    convictions(sut, "1@0 2@0 3@0");
    hit(sut, 22, 9000);
    expect(convictions(sut, "4@10001")).toEqual([]);
    expect(verdictOf(sut, "5@10001 6@10001 7@10001").reason).not.toContain("service");
  });

  it("is nothing after a conviction", () => {
    const sut = detector();
    convictions(sut, "1@0 2@0 3@0 4@0");
    hit(sut, 22);
    hit(sut, 22, 70_000);
    expect(convictions(sut, "1@70000 2@70000 3@70000 4@70000")).toEqual(["4@70000"]);
  });
});

describe("SequentialDetector, asking for successes", () => {
  it.each([
    { what: "one port", trace: "22@0", asked: 0 },
    { what: "two ports", trace: "22@0 80@0", asked: 1 },
    { what: "three ports and a repeat", trace: "22@0 80@0 25@0 25@0", asked: 2 },
    { what: "one trap", trace: "23@0", asked: 1 },
    { what: "a conviction", trace: "23@0 445@0", asked: 1 },
    { what: "two ports over UDP", trace: "u22@0 u80@0", asked: 0 },
    { what: "three ports over UDP", trace: "u22@0 u80@0 u81@0", asked: 1 },
  ])("asks $asked times at $what", ({ trace, asked }) => {
    const sources: Prefix[] = [];
    convictions(
      detector({}, (source) => sources.push(source)),
      trace,
    );
    expect(sources).toEqual(Array.from({ length: asked }, () => "192.0.2.7/32"));
  });

  it("takes an answer into account that comes at once", () => {
    const sut: SequentialDetector = detector({}, () => {
      for (const port of [80, 443]) {
        sut.observeHit(words(SCANNER), { transport: "tcp", port }, 0);
      }
    });
    expect(convictions(sut, "1@0 2@0 3@0 4@0 5@0 6@0")).toEqual(["6@0"]);
  });

  it("asks ten times a second at most, whoever comes", () => {
    let asked = 0;
    const sut = detector({ maxSources: 4096 }, () => {
      asked += 1;
    });
    const flood = (atMs: number) => {
      for (let host = 0; host < 250; host += 1) {
        convictions(sut, `1@${atMs} 2@${atMs}`, `198.51.100.${host}`);
      }
    };
    flood(0);
    expect(asked).toBe(10);
    flood(999);
    expect(asked).toBe(10);
  });
});

describe("SequentialDetector, the verdict", () => {
  it("is proven by a visit to one trap port, before it or behind it", () => {
    const connect = { kind: "tcp-connect", evidence: "proven" } as const;
    const before = detector();
    before.observe(probe(SCANNER, "23@0", connect));
    expect(verdictOf(before, "22@1 80@2").evidence).toBe("proven");
    const behind = detector();
    expect(verdictOf(behind, "22@1 80@2 25@3 81@4").evidence).toBe("claimed");
    expect(behind.observe(probe(SCANNER, "23@5", connect))?.evidence).toBe("proven");
  });

  it("tells everything that explains it", () => {
    const sut = detector();
    sut.observe(probe(SCANNER, "25@1000"));
    sut.observe(probe(SCANNER, "25@1500", { kind: "tcp-fin", evidence: "proven" }));
    sut.observe(probe(SCANNER, "u53@2000"));
    sut.observe(probe(SCANNER, "22@3000"));
    const verdict = sut.observe(probe(SCANNER, "23@181000.4"));
    expect(verdict).toEqual({
      source: "192.0.2.7/32",
      address: SCANNER,
      evidence: "alive",
      ruleId: "sequential",
      reason: "4 unused ports within 3 min: tcp 22-23, 25; udp 53; trap tcp 23; score 502",
      ports: [
        { transport: "tcp", port: 25 },
        { transport: "udp", port: 53 },
        { transport: "tcp", port: 22 },
        { transport: "tcp", port: 23 },
      ],
      score: {
        value: expect.closeTo(501.94, 2),
        halfLifeMs: 6 * HOUR_MS,
        steps: [
          { transport: "tcp", port: 25, afterMs: 0, factor: 4 },
          { transport: "udp", port: 53, afterMs: 1000, factor: 2 },
          { transport: "tcp", port: 22, afterMs: 2000, factor: 4 },
          { transport: "tcp", port: 23, afterMs: 180_000, factor: 16 },
        ],
      },
      kinds: ["tcp-syn", "tcp-fin", "udp"],
      last: { transport: "tcp", port: 23, tcpFlags: 0x02, ipOptions: "not set", sensor: "nflog" },
      probes: 5,
      firstSeenAtEpochMs: STARTED_AT_EPOCH_MS + 1000,
      decidedAtEpochMs: STARTED_AT_EPOCH_MS + 181_000,
      campaignId: `${(STARTED_AT_EPOCH_MS + 1000).toString(36)}-1`,
    });
  });

  it.each([
    {
      trace: "22@0 80@1 25@2 81@3",
      reason: "4 unused ports within 1 s: tcp 22, 25, 80-81; score 256",
    },
    {
      trace: "23@0 445@0",
      reason: "2 unused ports within 1 s: tcp 23, 445; traps tcp 23, 445; score 256",
    },
    {
      trace: "993@0 143@0 1@0 2@0 3@0",
      reason: "5 unused ports within 1 s: tcp 1-3, 143, 993; score 256",
    },
    {
      trace: "81@0 x81@0 x80@0",
      reason: "2 unused ports within 1 s: tcp 80-81; crafted packets to tcp 80-81; score 1024",
    },
    { trace: inTurn(7, 1, "u"), reason: "7 unused ports within 1 s: udp 1-7; score 128" },
  ])("says $reason", ({ trace, reason }) => {
    expect(verdictOf(detector(), trace).reason).toBe(reason);
  });

  it("does not call ports unused that are told of although they are served", () => {
    const { reason } = verdictOf(detector({ areUnused: false }), "1@0 2@0 3@0 4@0");
    expect(reason).toBe("4 ports within 1 s: tcp 1-4; score 256");
  });

  const contact = fc.record({
    letter: fc.constantFrom("", "", "", "", "a", "u", "p", "i"),
    port: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(139, 445, 993, 143, 110)),
    host: fc.integer({ min: 1, max: 3 }),
    waitMs: fc.oneof(fc.nat(1000), fc.nat(5 * HOUR_MS)),
    isHit: fc.boolean(),
  });

  it("records evidence that recomputes to its score, and a score that convicts", () => {
    let seen = 0;
    const property = fc.property(
      fc.array(contact, { maxLength: 120 }),
      fc.boolean(),
      (contacts, isStrict) => {
        const sut = detector({ isStrict });
        let atMs = 0;
        for (const { letter, port, host, waitMs, isHit } of contacts) {
          atMs += waitMs;
          if (isHit && port < 10) {
            sut.observeHit(words(SCANNER), { transport: "tcp", port: 8000 + port }, atMs);
            continue;
          }
          const destination = words(`198.51.100.${host}`);
          const verdict = sut.observe(probe(SCANNER, `${letter}${port}@${atMs}`, { destination }));
          if (verdict === undefined) continue;
          seen += 1;
          expectRecomputes(verdict);
        }
      },
    );
    fc.assert(property, { numRuns: 500 });
    expect(seen).toBeGreaterThan(100);
  });

  function expectRecomputes({ score, ports, reason }: Verdict): void {
    if (score === undefined) throw new Error("no score");
    const again = ratioOf(score.steps, score.halfLifeMs);
    expect(again / score.value).toBeCloseTo(1, 9);
    expect(again).toBeGreaterThanOrEqual(CONVICTION_RATIO * (1 - 1e-9));
    expect(score.steps.length).toBeLessThanOrEqual(32);
    expect(ports.length).toBeGreaterThanOrEqual(reason.startsWith("pings of 3 ") ? 1 : 2);
    expect(reason).not.toContain("\n");
    const times = score.steps.map(({ afterMs }) => afterMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }

  it("convicts of the same ports at one time in any order, or of none", () => {
    const misses = fc.uniqueArray(
      fc.constantFrom("22", "80", "81", "23", "445", "139", "993", "143", "u53", "u69", "u23"),
      { maxLength: 8 },
    );
    const orders = misses.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(orders, ([one, other]) => {
        const isConvicted = (steps: string[]) =>
          steps.length > 0 &&
          convictions(detector(), steps.map((step) => `${step}@0`).join(" ")).length > 0;
        expect(isConvicted(one)).toBe(isConvicted(other));
      }),
    );
  });
});

describe("SequentialDetector, after a conviction", () => {
  const CONVICTED = "1@0 2@0 3@0 4@0";

  it.each([
    { what: "at once", trace: "5@1 6@2 7@3 8@4", convicts: [] },
    { what: "until the pause is over", trace: "5@59999 6@60000 7@60000 8@60000", convicts: [] },
    {
      what: "from its end on",
      trace: "5@60000 6@60001 7@60001 8@60001 9@60002",
      convicts: ["9@60002"],
    },
    { what: "by the same ports", trace: "1@60001 2@60001 3@60001 4@60001", convicts: ["4@60001"] },
  ])("probes convict anew $what ($trace) -> $convicts", ({ trace, convicts }) => {
    const sut = detector();
    convictions(sut, CONVICTED);
    expect(convictions(sut, trace)).toEqual(convicts);
  });

  it("goes on with the campaign", () => {
    const sut = detector();
    const first = verdictOf(sut, CONVICTED);
    const second = verdictOf(sut, "5@70000 6@70000 7@70000 8@70000");
    expect(second.campaignId).toBe(first.campaignId);
    expect(second.probes).toBe(8);
  });

  it("is told, until the source is forgotten", () => {
    const sut = detector();
    convictions(sut, "1@50000 2@50000 3@50000 4@50000");
    expect(sut.isConvicted(words(SCANNER))).toBe(true);
    sut.forget(parsePrefix("192.0.2.7") as Prefix);
    expect(sut.isConvicted(words(SCANNER))).toBe(false);
    expect(sut.tracked).toBe(0);
  });
});

describe("SequentialDetector, under a flood of forged sources", () => {
  it("remembers no more than maxSources, and the convicted among them", () => {
    const sut = detector({ maxSources: 1024 });
    convictions(sut, "1@0 2@0 3@0 4@0", "2001:db8::7");
    const bytesBefore = process.memoryUsage().arrayBuffers;
    const forged = probe("198.51.100.1", "22@1");
    for (let index = 0; index < 1_000_000; index += 1) {
      forged.source[3] = Math.imul(index, 0x9e3779b1);
      sut.observe(forged);
    }
    expect(sut.tracked).toBeLessThanOrEqual(1024);
    expect(process.memoryUsage().arrayBuffers).toBeLessThanOrEqual(bytesBefore);
    // Still within the pause: had it been forgotten, these four would convict it again.
    expect(convictions(sut, "5@2 6@2 7@2 8@2", "2001:db8::7")).toEqual([]);
  });

  it("keeps a source that is on its way while forged ones come with a port each", () => {
    const sut = detector({ maxSources: 1024 });
    convictions(sut, "1@0 2@0 3@0");
    const forged = probe("198.51.100.1", "22@1");
    for (let index = 0; index < 100_000; index += 1) {
      forged.source[3] = Math.imul(index, 0x9e3779b1);
      sut.observe(forged);
    }
    expect(convictions(sut, "4@2")).toEqual(["4@2"]);
  });
});

describe("SequentialDetector with new options", () => {
  it.each([
    { what: "the same", change: {}, next: "4@2", convicts: ["4@2"] },
    { what: "strictness", change: { isStrict: true }, next: "4@2", convicts: ["4@2"] },
    {
      what: "another trap",
      change: { trapPorts: new PortSet([9]) },
      next: "9@2",
      convicts: ["9@2"],
    },
    { what: "a short half-life", change: { halfLifeMs: 1 }, next: "4@20", convicts: [] },
    { what: "a shorter memory", change: { recordMs: 1000 }, next: "4@1002", convicts: [] },
    { what: "another number of sources", change: { maxSources: 32 }, next: "4@2", convicts: [] },
  ])("counts on from three ports with $what: $next -> $convicts", ({ change, next, convicts }) => {
    const sut = detector();
    convictions(sut, "1@0 2@0 3@0");
    sut.reconfigure({ ...OPTIONS, ...change });
    expect(convictions(sut, next)).toEqual(convicts);
  });

  it("counts three ports as enough once it is strict, with the next one at the latest", () => {
    const sut = detector();
    convictions(sut, "1@0 2@0");
    sut.reconfigure({ ...OPTIONS, isStrict: true });
    expect(convictions(sut, "3@1")).toEqual(["3@1"]);
  });
});

describe("SequentialDetector, saved and restored", () => {
  /** A process that began at this wall time. */
  const processOf = (startedAtEpochMs: number, options: Partial<SequentialOptions> = {}) => {
    const time = { ms: 0 };
    const sut = new SequentialDetector(
      { ...OPTIONS, ...options },
      { monotonicMs: () => time.ms, epochMs: () => startedAtEpochMs + time.ms },
      new SourceKeys({ ipv6PrefixBits: 64 }),
    );
    return { sut, time };
  };

  /** What a process saves at `savedAtMs` that has seen this trace. */
  const savedAfter = (trace: string, savedAtMs: number) => {
    const { sut, time } = processOf(STARTED_AT_EPOCH_MS);
    convictions(sut, trace);
    time.ms = savedAtMs;
    return sut.save();
  };

  it.each([
    { what: "at once", hours: 0, trace: "4@0 5@0", convicts: ["4@0"] },
    { what: "an hour later", hours: 1, trace: "4@0 5@0", convicts: ["4@0"] },
    { what: "after a half-life", hours: 6, trace: "4@0 5@0", convicts: ["5@0"] },
    { what: "after two", hours: 12, trace: "4@0 5@0 6@0", convicts: ["6@0"] },
    { what: "as the record ends", hours: 24, trace: "4@0 5@0 6@0", convicts: [] },
    { what: "after its end", hours: 25, trace: "4@0 5@0 6@0", convicts: [] },
  ])("counts on from three ports $what: $trace -> $convicts", ({ hours, trace, convicts }) => {
    const { sut } = processOf(STARTED_AT_EPOCH_MS + hours * HOUR_MS);
    expect(sut.restore(savedAfter("1@0 2@0 3@0", 0))).toBe(hours > 24 ? 0 : 1);
    expect(convictions(sut, trace)).toEqual(convicts);
  });

  it("goes on with the campaign, and records evidence that recomputes across the restart", () => {
    const bytes = savedAfter("1@1000 2@2000 3@3000", 10_000);
    const { sut } = processOf(STARTED_AT_EPOCH_MS + HOUR_MS + 0.5);
    sut.restore(bytes);
    const verdict = verdictOf(sut, "4@0");
    expect(verdict.campaignId).toBe(`${(STARTED_AT_EPOCH_MS + 1000).toString(36)}-1`);
    expect(verdict.firstSeenAtEpochMs).toBe(STARTED_AT_EPOCH_MS + 1000);
    expect(verdict.probes).toBe(4);
    const steps = verdict.score?.steps ?? [];
    expect(steps.map(({ afterMs }) => afterMs)).toEqual([0, 1000, 2000, HOUR_MS - 1000]);
    const { value = 0, halfLifeMs = 1 } = verdict.score ?? {};
    expect(ratioOf(steps, halfLifeMs) / value).toBeCloseTo(1, 9);
  });

  it("names later campaigns otherwise", () => {
    const { sut } = processOf(STARTED_AT_EPOCH_MS);
    sut.restore(savedAfter("1@0 2@0 3@0", 0));
    const ids = ["192.0.2.1", SCANNER].map(
      (source) => verdictOf(sut, "4@0 5@0 6@0 7@0", source).campaignId,
    );
    expect(new Set(ids).size).toBe(2);
  });

  it("convicts anew at once whom the process before has convicted", () => {
    const { sut } = processOf(STARTED_AT_EPOCH_MS + 30_000);
    sut.restore(savedAfter("1@0 2@0 3@0 4@0", 1000));
    expect(sut.isConvicted(words(SCANNER))).toBe(false);
    expect(convictions(sut, "5@0 6@0 7@0 8@0")).toEqual(["8@0"]);
  });

  it("never forgets the convicted for others, over a restart, too", () => {
    const { sut } = processOf(STARTED_AT_EPOCH_MS, { maxSources: 8 });
    sut.restore(savedAfter("1@0 2@0 3@0 4@0", 1000));
    for (let host = 1; host <= 100; host += 1) {
      convictions(sut, "1@0 2@0 3@0", `198.51.100.${host}`);
    }
    const bytes = sut.save();
    const after = processOf(STARTED_AT_EPOCH_MS, { maxSources: 64 }).sut;
    after.restore(bytes);
    const { campaignId } = verdictOf(after, "5@0 6@0 7@0 8@0");
    expect(campaignId).toBe(`${STARTED_AT_EPOCH_MS.toString(36)}-1`);
  });

  it("takes times that have not come yet for now", () => {
    const bytes = savedAfter("1@0 2@0 3@0", 0);
    const { sut } = processOf(STARTED_AT_EPOCH_MS - 100 * HOUR_MS);
    expect(sut.restore(bytes)).toBe(1);
    expect(convictions(sut, `4@${24 * HOUR_MS + 1}`)).toEqual([]);
  });

  it("saves nobody who has touched one port, and few of many", () => {
    const { sut } = processOf(STARTED_AT_EPOCH_MS, { maxSources: 65_536 });
    const forged = probe("198.51.100.1", "22@0");
    for (let index = 0; index < 20_000; index += 1) {
      forged.source[3] = Math.imul(index, 0x9e3779b1);
      sut.observe(forged);
    }
    convictions(sut, "1@0 2@0 3@0");
    const after = processOf(STARTED_AT_EPOCH_MS);
    expect(after.sut.restore(sut.save())).toBe(1);
    for (let index = 0; index < 20_000; index += 1) {
      forged.source[3] = Math.imul(index, 0x9e3779b1);
      sut.observe({ ...forged, port: 23 });
    }
    expect(processOf(STARTED_AT_EPOCH_MS, { maxSources: 65_536 }).sut.restore(sut.save())).toBe(
      8192,
    );
  });

  it("lets the most convincing stay in a smaller table", () => {
    const { sut } = processOf(STARTED_AT_EPOCH_MS);
    for (let host = 1; host <= 40; host += 1) {
      convictions(sut, host === 20 ? "1@0 2@0 3@0" : "1@0 2@0", `192.0.2.${host}`);
    }
    const small = processOf(STARTED_AT_EPOCH_MS, { maxSources: 8 }).sut;
    small.restore(sut.save());
    expect(small.tracked).toBe(8);
    expect(convictions(small, "4@0", "192.0.2.20")).toEqual(["4@0"]);
  });

  it("remembers nothing of damaged bytes", () => {
    const bytes = savedAfter("1@0 2@0 3@0", 0);
    bytes[20] = (bytes[20] as number) ^ 1;
    const { sut } = processOf(STARTED_AT_EPOCH_MS);
    expect(sut.restore(bytes)).toBeUndefined();
    expect(sut.tracked).toBe(0);
  });
});
