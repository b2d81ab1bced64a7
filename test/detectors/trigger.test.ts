import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TriggerDetector, type TriggerOptions } from "../../src/detectors/trigger.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { describeDetector } from "../conformance/detector.ts";
import { masscanProbe } from "./tool-probes.ts";
import { clock, convictions, probe, SCANNER, STARTED_AT_EPOCH_MS, verdictOf } from "./traces.ts";

const detector = (options: Partial<TriggerOptions> = {}, ipv6PrefixBits = 64) =>
  new TriggerDetector(
    {
      ...{ trigger: 3, counts: "distinct-ports", areUnused: true },
      ...{ recordMs: 10_000, maxSources: 64 },
      ...options,
    },
    clock,
    new SourceKeys({ ipv6PrefixBits }),
  );

describeDetector("TriggerDetector", () => detector({ trigger: 4, recordMs: 86_400_000 }));

describe("TriggerDetector, distinct ports", () => {
  it.each([
    { what: "three ports", trace: "22@0 23@1 25@2", convicts: ["25@2"] },
    { what: "two ports", trace: "22@0 23@1", convicts: [] },
    { what: "one port, three times", trace: "22@0 22@1 22@2", convicts: [] },
    { what: "repeats between", trace: "22@0 22@1 23@2 23@3 25@4", convicts: ["25@4"] },
    { what: "one number over TCP and UDP", trace: "53@0 u53@1 54@2", convicts: ["54@2"] },
    {
      what: "a mail client looking for its server",
      trace: "993@0 143@1 995@2 110@3",
      convicts: [],
    },
    { what: "a file share", trace: "445@0 139@1 22@2", convicts: [] },
    { what: "mail ports and two others", trace: "993@0 143@1 22@2 23@3", convicts: ["23@3"] },
    { what: "third port as the record ends", trace: "22@0 23@0 25@10000", convicts: ["25@10000"] },
    { what: "third port a millisecond too late", trace: "22@0 23@0 25@10001", convicts: [] },
    { what: "port 0", trace: "0@0 1@0 65535@0", convicts: ["65535@0"] },
  ])("$what ($trace) -> $convicts", ({ trace, convicts }) => {
    expect(convictions(detector(), trace)).toEqual(convicts);
  });

  it("lets repeats of one port keep nothing alive", () => {
    const sut = detector();
    const healthChecks = Array.from({ length: 20 }, (_, index) => `8080@${index * 1000}`).join(" ");
    expect(convictions(sut, `22@0 ${healthChecks} 23@20000`)).toEqual([]);
  });

  it.each([
    { trigger: 0, convicts: "22@0" },
    { trigger: 1, convicts: "22@0" },
    { trigger: 2, convicts: "23@1" },
  ])("convicts on $convicts with a trigger of $trigger", ({ trigger, convicts }) => {
    expect(convictions(detector({ trigger }), "22@0 23@1 24@2")).toEqual([convicts]);
  });

  it.each([32, 33, 100])("reaches a trigger of %i, though 32 ports are listed", (trigger) => {
    const sut = detector({ trigger });
    const trace = Array.from({ length: trigger }, (_, port) => `${port}@${port}`).join(" ");
    const verdict = verdictOf(sut, trace);
    expect(verdict.probes).toBe(trigger);
    expect(verdict.ports).toHaveLength(32);
  });

  it("judges each source by itself", () => {
    const sut = detector();
    expect(convictions(sut, "22@0 23@1", "192.0.2.1")).toEqual([]);
    expect(convictions(sut, "24@2 25@3", "192.0.2.2")).toEqual([]);
    expect(sut.tracked).toBe(2);
  });

  it("counts the addresses of an IPv6 subnet as one source", () => {
    const sut = detector();
    sut.observe(probe("2001:db8::1", "22@0"));
    sut.observe(probe("2001:db8::2", "23@1"));
    const verdict = sut.observe(probe("2001:db8::ffff:3", "24@2"));
    expect(verdict).toMatchObject({ source: "2001:db8::/64", address: "2001:db8::ffff:3" });
  });

  it("tells neighbours on a link apart", () => {
    const sut = detector();
    sut.observe(probe("fe80::1", "22@0"));
    sut.observe(probe("fe80::2", "23@1"));
    expect(sut.observe(probe("fe80::3", "24@2"))).toBeUndefined();
  });
});

describe("TriggerDetector, hits", () => {
  it.each([
    { what: "one port, three times", trace: "22@0 22@1 22@2", convicts: ["22@2"] },
    { what: "a port family", trace: "993@0 143@1 995@2", convicts: ["995@2"] },
    { what: "two hits", trace: "22@0 23@1", convicts: [] },
    { what: "hits that keep the record", trace: "22@0 22@9000 22@18000", convicts: ["22@18000"] },
    { what: "hits too far apart", trace: "22@0 22@10001 22@20002", convicts: [] },
  ])("$what ($trace) -> $convicts", ({ trace, convicts }) => {
    expect(convictions(detector({ counts: "hits" }), trace)).toEqual(convicts);
  });

  it.each(["tcp-ack", "tcp-maimon"] as const)("%s of one port counts once", (kind) => {
    const sut = detector({ counts: "hits" });
    const observe = (step: string) => sut.observe(probe(SCANNER, step, { kind }));
    for (const step of ["22@0", "22@1", "22@2", "23@3", "23@4"]) {
      expect(observe(step)).toBeUndefined();
    }
    expect(observe("24@5")).toMatchObject({ kinds: [kind], probes: 6 });
  });

  it("counts a handshake once that was completed behind its SYN, and one of a listener", () => {
    const sut = detector({ counts: "hits", trigger: 3 });
    const connect = { kind: "tcp-connect", evidence: "proven" } as const;
    const listened = { ...connect, sensor: "tcp-listener" } as const;
    const verdicts = [
      sut.observe(probe(SCANNER, "22@0")),
      sut.observe(probe(SCANNER, "22@1", connect)),
      sut.observe(probe(SCANNER, "22@2")),
      sut.observe(probe(SCANNER, "22@3", connect)),
      sut.observe(probe(SCANNER, "22@4", listened)),
    ];
    expect(verdicts.map((verdict) => verdict?.evidence)).toEqual([
      ...[undefined, undefined, undefined, undefined, "alive"],
    ]);
  });
});

/** PortSentry 1.2 remembers the last 50 hits of all sources together. */
describe("TriggerDetector, hits of many sources", () => {
  const nth = (index: number) => `198.51.100.${index}`;

  it("remembers a source's first hit however many hits of others come between", () => {
    const sut = detector({ counts: "hits", trigger: 2, maxSources: 1024 });
    expect(convictions(sut, "11@0")).toEqual([]);
    for (let index = 0; index < 200; index += 1) convictions(sut, `11@${1 + index}`, nth(index));
    expect(convictions(sut, "11@500")).toEqual(["11@500"]);
  });

  it.each([
    { sources: 45, trigger: 3 },
    { sources: 60, trigger: 2 },
  ])("convicts each of $sources sources that hit $trigger times in turns", (given) => {
    const { sources, trigger } = given;
    const sut = detector({ counts: "hits", trigger, maxSources: 1024 });
    const convicted = new Set<string>();
    for (let round = 0; round < trigger; round += 1) {
      for (let index = 0; index < sources; index += 1) {
        if (convictions(sut, `11@${round * 100 + index}`, nth(index)).length > 0) {
          convicted.add(nth(index));
        }
      }
      expect(convicted.size).toBe(round === trigger - 1 ? sources : 0);
    }
  });

  it("does not add up hits that lie further apart than a record lives", () => {
    const sut = detector({ counts: "hits", trigger: 2 });
    expect(convictions(sut, "11@0 11@10001 11@20001")).toEqual(["11@20001"]);
  });
});

describe("TriggerDetector, the verdict", () => {
  it("tells everything that explains it", () => {
    const sut = detector();
    sut.observe(probe(SCANNER, "25@1000"));
    sut.observe(probe(SCANNER, "25@1500", { kind: "tcp-fin" }));
    sut.observe(probe(SCANNER, "u53@2000"));
    const verdict = sut.observe(probe(SCANNER, "22@3000"));
    expect(verdict).toEqual({
      source: "192.0.2.7/32",
      address: SCANNER,
      evidence: "claimed",
      ruleId: "trigger",
      reason: "3 unused ports within 2 s: tcp 22, 25; udp 53",
      ports: [
        { transport: "tcp", port: 25 },
        { transport: "udp", port: 53 },
        { transport: "tcp", port: 22 },
      ],
      kinds: ["tcp-syn", "tcp-fin", "udp"],
      tool: undefined,
      last: {
        transport: "tcp",
        port: 22,
        tcpFlags: 0x02,
        ipOptions: "not set",
        sensor: "nflog",
      },
      probes: 4,
      firstSeenAtEpochMs: STARTED_AT_EPOCH_MS + 1000,
      decidedAtEpochMs: STARTED_AT_EPOCH_MS + 3000,
      campaignId: `${(STARTED_AT_EPOCH_MS + 1000).toString(36)}-1`,
    });
  });

  it("names the tool by all probes of the source, those of the count before included", () => {
    const sut = detector({ trigger: 1, recordMs: 1_000_000 });
    const first = sut.observe(masscanProbe(22, 77));
    const second = sut.observe({ ...masscanProbe(23, 78), seenAtMs: 60_001 });
    expect(first).toMatchObject({ probes: 1, tool: undefined });
    expect(second).toMatchObject({ probes: 2, tool: "masscan" });
  });

  it("names no tool of a source whose record began anew", () => {
    const sut = detector({ trigger: 1, recordMs: 10_000 });
    sut.observe(masscanProbe(22, 77));
    sut.observe({ ...masscanProbe(23, 78), seenAtMs: 1 });
    const verdict = sut.observe({ ...masscanProbe(24, 79), seenAtMs: 90_000 });
    expect(verdict).toMatchObject({ probes: 1, tool: undefined });
  });

  it("carries the strongest evidence, also when a repeat of a port brings it", () => {
    const sut = detector();
    sut.observe(probe(SCANNER, "22@0"));
    sut.observe(probe(SCANNER, "22@1", { evidence: "proven", kind: "tcp-connect" }));
    sut.observe(probe(SCANNER, "23@2", { evidence: "proven", kind: "tcp-connect" }));
    expect(sut.observe(probe(SCANNER, "24@3"))?.evidence).toBe("proven");
  });

  it.each([0, 1])("is sure of one connection where one probe is a scan (trigger %i)", (trigger) => {
    const connect = { evidence: "proven", kind: "tcp-connect" } as const;
    expect(detector({ trigger }).observe(probe(SCANNER, "22@0", connect))?.evidence).toBe("proven");
    const behindSyn = detector({ trigger });
    expect(behindSyn.observe(probe(SCANNER, "22@0"))?.evidence).toBe("claimed");
    expect(behindSyn.observe(probe(SCANNER, "22@1", connect))).toMatchObject({
      evidence: "proven",
      raisedFrom: "claimed",
    });
  });

  it("keeps nothing of the probe, which its sensor uses again", () => {
    const sut = detector();
    const shared = { ...probe(SCANNER, "22@0") };
    for (const port of [22, 23, 24]) {
      shared.source.set(wordsOf(SCANNER as IpAddress));
      const verdict = sut.observe({ ...shared, port });
      shared.source.fill(0);
      if (verdict !== undefined) expect(verdict.address).toBe(SCANNER);
    }
    expect(sut.tracked).toBe(1);
  });

  it("names campaigns apart, also those that begin in the same millisecond", () => {
    const sut = detector({ trigger: 1 });
    const ids = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(
      (source) => verdictOf(sut, "22@0", source).campaignId,
    );
    expect(new Set(ids).size).toBe(3);
  });
});

describe("TriggerDetector, after a conviction", () => {
  const CONVICTED = "22@0 23@0 24@0";
  const long = { recordMs: 1_000_000 };

  it.each([
    { what: "at once", trace: "25@1 26@2 27@3", convicts: [] },
    { what: "until the pause is over", trace: "25@59999 26@60000 27@60000", convicts: [] },
    {
      what: "from its end on, by the full number of ports",
      trace: "25@60000 26@60001 27@60001 28@60001 29@60002",
      convicts: ["28@60001"],
    },
    { what: "by the same ports", trace: "22@60001 23@60001 24@60001", convicts: ["24@60001"] },
    { what: "not by one port again and again", trace: "22@60001 22@70000 22@80000", convicts: [] },
  ])("probes convict anew $what ($trace) -> $convicts", ({ trace, convicts }) => {
    const sut = detector(long);
    convictions(sut, CONVICTED);
    expect(convictions(sut, trace)).toEqual(convicts);
  });

  it("takes the pause from its options", () => {
    const sut = detector({ ...long, reconvictAfterMs: 100 });
    convictions(sut, CONVICTED);
    expect(convictions(sut, "22@100 23@101 24@101 25@101")).toEqual(["25@101"]);
  });

  it("goes on with the campaign and its number of probes, and counts ports from zero", () => {
    const sut = detector(long);
    const first = verdictOf(sut, CONVICTED);
    const second = verdictOf(sut, "25@1 30@70000 31@70000 32@71000");
    expect(second.campaignId).toBe(first.campaignId);
    expect(second.firstSeenAtEpochMs).toBe(first.firstSeenAtEpochMs);
    expect(second.probes).toBe(7);
    expect(second.reason).toBe("3 unused ports within 1 s: tcp 30-32");
  });

  it("passes evidence of the pause over too", () => {
    const sut = detector(long);
    convictions(sut, CONVICTED);
    sut.observe(probe(SCANNER, "25@1", { evidence: "proven" }));
    expect(verdictOf(sut, "30@70000 31@70000 32@70000").evidence).toBe("claimed");
  });

  it("starts a new campaign when the record has ended", () => {
    const sut = detector({ recordMs: 10_000 });
    const first = verdictOf(sut, CONVICTED);
    const second = verdictOf(sut, "22@10001 23@10001 24@10001");
    expect(second.campaignId).not.toBe(first.campaignId);
    expect(second.probes).toBe(3);
  });

  it("never convicts twice within the pause, whatever comes", () => {
    const step = fc.record({ port: fc.integer({ min: 0, max: 40 }), waitMs: fc.nat(5000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const sut = detector(long);
        let atMs = 0;
        let convictedAtMs = Number.NEGATIVE_INFINITY;
        for (const { port, waitMs } of steps) {
          atMs += waitMs;
          if (sut.observe(probe(SCANNER, `${port}@${atMs}`)) === undefined) continue;
          expect(atMs - convictedAtMs).toBeGreaterThan(60_000);
          convictedAtMs = atMs;
        }
      }),
    );
  });
});

describe("TriggerDetector, forgetting", () => {
  it.each([
    { what: "the source itself", forgotten: "192.0.2.7", source: SCANNER, isForgotten: true },
    { what: "a block around it", forgotten: "192.0.2.0/24", source: SCANNER, isForgotten: true },
    { what: "its neighbour", forgotten: "192.0.2.8", source: SCANNER, isForgotten: false },
    { what: "its /64", forgotten: "2001:db8::/64", source: "2001:db8::7", isForgotten: true },
    {
      what: "a /48 around it",
      forgotten: "2001:db8::/48",
      source: "2001:db8::7",
      isForgotten: true,
    },
    {
      what: "the next /64",
      forgotten: "2001:db8:0:1::/64",
      source: "2001:db8::7",
      isForgotten: false,
    },
    {
      what: "less than the source",
      forgotten: "2001:db8::/80",
      source: "2001:db8::7",
      isForgotten: false,
    },
  ])("$what ($forgotten) makes $source start anew: $isForgotten", (row) => {
    const sut = detector();
    convictions(sut, "22@0 23@0 24@0", row.source);
    sut.forget(parsePrefix(row.forgotten) as Prefix);
    expect(sut.tracked).toBe(row.isForgotten ? 0 : 1);
    const again = convictions(sut, "25@1 26@1 27@1", row.source);
    expect(again).toEqual(row.isForgotten ? ["27@1"] : []);
  });
});

describe("TriggerDetector.isConvicted", () => {
  const long = { recordMs: 86_400_000 };
  const words = wordsOf(SCANNER as IpAddress);

  it.each([
    { what: "the third port was just seen", at: 50_000, is: true },
    { what: "the pause ends", at: 49_900, is: true },
    { what: "the pause is over by a millisecond", at: 49_899, is: false },
  ])("is $is when $what", ({ at, is }) => {
    const sut = detector({ ...long, reconvictAfterMs: 100 });
    expect(convictions(sut, `22@${at} 23@${at} 24@${at}`)).toHaveLength(1);
    expect(sut.isConvicted(words)).toBe(is);
    expect(sut.isConvicted(wordsOf("192.0.2.8" as IpAddress))).toBe(false);
  });

  it("is false of a source that is only counted, and remembers nobody by the question", () => {
    const sut = detector(long);
    convictions(sut, "22@50000 23@50000");
    expect(sut.isConvicted(words)).toBe(false);
    expect(sut.isConvicted(wordsOf("192.0.2.8" as IpAddress))).toBe(false);
    expect(sut.tracked).toBe(1);
  });

  it("is true of every address of a convicted IPv6 subnet, until it is forgotten", () => {
    const sut = detector(long);
    convictions(sut, "22@50000 23@50000 24@50000", "2001:db8::7");
    const neighbour = wordsOf("2001:db8::ffff:1" as IpAddress);
    expect(sut.isConvicted(neighbour)).toBe(true);
    sut.forget(parsePrefix("2001:db8::/64") as Prefix);
    expect(sut.isConvicted(neighbour)).toBe(false);
  });
});

describe("TriggerDetector, the probe that convicted", () => {
  it.each([
    { what: "a SYN", source: SCANNER, more: {}, options: "not set" },
    { what: "options", source: SCANNER, more: { hasIpOptions: true }, options: "set" },
    { what: "IPv6", source: "2001:db8::7", more: { hasIpOptions: true }, options: "unknown" },
    { what: "a listener", source: SCANNER, more: { sensor: "tcp-listener" }, options: "unknown" },
    { what: "a socket", source: SCANNER, more: { sensor: "udp-listener" }, options: "unknown" },
  ] as const)("is kept when its sensor fills it anew ($what)", ({ source, more, options }) => {
    const sut = detector({ trigger: 1 });
    const convicting = { ...probe(source, "22@0"), tcpFlags: 0x29, ...more };
    const verdict = sut.observe(convicting);
    Object.assign(convicting, { port: 23, tcpFlags: 0, sensor: "capture-file" });
    expect(verdict?.last).toEqual({
      transport: "tcp",
      port: 22,
      tcpFlags: 0x29,
      ipOptions: options,
      sensor: probe(source, "22@0", more).sensor,
    });
  });
});

describe("TriggerDetector, under a flood of forged sources", () => {
  it("remembers no more than maxSources, and the convicted among them", () => {
    const sut = detector({ maxSources: 1024, recordMs: 86_400_000 });
    convictions(sut, "22@0 23@0 24@0", "2001:db8::7");
    const forged = probe("198.51.100.1", "22@1");
    for (let index = 0; index < 1_000_000; index += 1) {
      forged.source[3] = Math.imul(index, 0x9e3779b1);
      sut.observe(forged);
    }
    expect(sut.tracked).toBeLessThanOrEqual(1024);
    // Still within the pause: had it been forgotten, these three would convict it again.
    expect(convictions(sut, "25@2 26@2 27@2", "2001:db8::7")).toEqual([]);
  });
});

describe("TriggerDetector with new options", () => {
  const options: TriggerOptions = {
    trigger: 3,
    counts: "distinct-ports",
    areUnused: true,
    recordMs: 10_000,
    maxSources: 64,
  };

  it.each([
    { what: "the same", change: {}, next: "25@2", convicts: ["25@2"] },
    { what: "a higher trigger", change: { trigger: 4 }, next: "25@2 26@3", convicts: ["26@3"] },
    { what: "a lower trigger", change: { trigger: 2 }, next: "22@2", convicts: ["22@2"] },
    { what: "hits", change: { counts: "hits" }, next: "23@2", convicts: ["23@2"] },
    {
      what: "a longer memory",
      change: { recordMs: 20_000 },
      next: "25@20001",
      convicts: ["25@20001"],
    },
    { what: "a shorter memory", change: { recordMs: 1000 }, next: "25@1002", convicts: [] },
    { what: "another number of sources", change: { maxSources: 32 }, next: "25@2", convicts: [] },
  ] as const)("counts on from two ports with $what: $next -> $convicts", (given) => {
    const sut = detector();
    convictions(sut, "22@0 23@1");
    sut.reconfigure({ ...options, ...given.change });
    expect(convictions(sut, given.next)).toEqual(given.convicts);
  });

  it("begins with an empty memory when it is of another size, and with no other", () => {
    const sut = detector();
    convictions(sut, "22@0");
    sut.reconfigure({ ...options, trigger: 9 });
    expect(sut.tracked).toBe(1);
    sut.reconfigure({ ...options, maxSources: 8 });
    expect(sut.tracked).toBe(0);
  });
});
