/** Pings and IP protocols, as both rules judge them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AskSuccesses,
  SequentialDetector,
  type SequentialOptions,
} from "../../src/detectors/sequential.ts";
import { TriggerDetector, type TriggerOptions } from "../../src/detectors/trigger.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { PortSet } from "../../src/net/port-range.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { clock, convictions, probe, SCANNER, verdictOf } from "./traces.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const KEYS = new SourceKeys({ ipv6PrefixBits: 64 });

const sequential = (options: Partial<SequentialOptions> = {}, ask?: AskSuccesses) =>
  new SequentialDetector(
    {
      ...{ isStrict: false, halfLifeMs: 6 * HOUR_MS, trapPorts: new PortSet(), areUnused: true },
      ...{ recordMs: 24 * HOUR_MS, maxSources: 64 },
      ...options,
    },
    clock,
    KEYS,
    ask,
  );

const trigger = (options: Partial<TriggerOptions> = {}) =>
  new TriggerDetector(
    {
      ...{ trigger: 3, counts: "distinct-ports", areUnused: true },
      ...{ recordMs: 10_000, maxSources: 64 },
      ...options,
    },
    clock,
    KEYS,
  );

const words = (address: string) => wordsOf(address as IpAddress);

/** Pings of the first `count` of our addresses, `gapMs` apart. */
const sweep = (count: number, gapMs = 1) =>
  Array.from({ length: count }, (_, index) => `p${index + 1}@${index * gapMs}`).join(" ");

const DISTINCT = [
  { what: "pings of three addresses", trace: "p1@0 p2@1 p3@2", convicts: ["p3@2"] },
  { what: "pings of two", trace: "p1@0 p2@1", convicts: [] },
  { what: "pings of two for long", trace: "p1@0 p2@1 p1@2 p2@3 p1@4 p2@5", convicts: [] },
  { what: "three protocols", trace: "i47@0 i50@1 i4@2", convicts: ["i4@2"] },
  { what: "two protocols", trace: "i47@0 i50@1", convicts: [] },
  { what: "one protocol for long", trace: "i47@0 i47@1 i47@2 i47@3 i47@4", convicts: [] },
  { what: "protocol 0 and the last", trace: "i0@0 i255@1 i254@2", convicts: ["i254@2"] },
  { what: "two pings and two protocols", trace: "p1@0 i47@1 p2@2 i50@3", convicts: [] },
];

describe("SequentialDetector without ports", () => {
  it.each([
    ...DISTINCT,
    { what: "an address in an hour", trace: sweep(3, HOUR_MS), convicts: [`p3@${2 * HOUR_MS}`] },
    { what: "an address in two hours", trace: sweep(3, 2 * HOUR_MS), convicts: [] },
    { what: "three ports and two pings", trace: "22@0 25@0 80@0 p1@1 p2@2", convicts: [] },
    { what: "three ports and two protocols", trace: "22@0 25@0 80@0 i4@1 i47@2", convicts: [] },
    { what: "a sweep among ports", trace: "22@0 p1@1 25@1 p2@2 p3@3", convicts: ["p3@3"] },
  ])("$what ($trace) -> $convicts", ({ trace, convicts }) => {
    expect(convictions(sequential(), trace)).toEqual(convicts);
  });

  it.each(DISTINCT)("strict is no stricter: $what ($trace) -> $convicts", ({ trace, convicts }) => {
    expect(convictions(sequential({ isStrict: true }), trace)).toEqual(convicts);
  });

  it("takes the ways to ask for one address for one", () => {
    const sut = sequential();
    for (const [index, port] of [8, 13, 17, 8, 13, 17].entries()) {
      const kind = "icmp-timestamp" as const;
      const more = { port, kind, destination: words(`198.51.100.${(index % 2) + 1}`) };
      expect(sut.observe(probe(SCANNER, `p1@${index}`, more))).toBeUndefined();
    }
    expect(convictions(sut, "p3@10")).toEqual(["p3@10"]);
  });

  it("takes one protocol to however many of our addresses for one", () => {
    const sut = sequential();
    for (let host = 1; host <= 100; host += 1) {
      const destination = words(`198.51.100.${host}`);
      expect(sut.observe(probe(SCANNER, `i47@${host}`, { destination }))).toBeUndefined();
    }
  });

  it("never takes a ping for the second port of a client whose service has stopped", () => {
    const sut = sequential();
    for (let host = 1; host <= 20; host += 1) {
      const destination = words(`198.51.100.${host % 2}`);
      expect(sut.observe(probe(SCANNER, `p1@${host}`, { destination }))).toBeUndefined();
      const more = { destination: words(`198.51.100.${host}`) };
      expect(sut.observe(probe(SCANNER, `22@${host}`, more))).toBeUndefined();
    }
  });

  it("lets a client look whether its servers are there", () => {
    const sut: SequentialDetector = sequential({}, () => {
      sut.observeHit(words(SCANNER), { transport: "tcp", port: 443 }, 0);
    });
    expect(convictions(sut, sweep(200))).toEqual([]);
  });

  it("asks after a source before its next ping makes a sweep", () => {
    const asked: string[] = [];
    const sut = sequential({}, (source) => asked.push(source));
    convictions(sut, "p1@0");
    expect(asked).toEqual([]);
    convictions(sut, "p2@1");
    expect(asked).toEqual(["192.0.2.7/32"]);
  });

  it("forgets pings before ports, so that they hide no scan", () => {
    const sut = sequential();
    convictions(sut, "1@0 2@0");
    sut.observeHit(words(SCANNER), { transport: "tcp", port: 443 }, 0);
    convictions(sut, sweep(100));
    expect(convictions(sut, "3@200 4@200 5@200")).toEqual(["5@200"]);
  });

  it("says what it was, and what it was worth", () => {
    const verdict = verdictOf(sequential(), "22@0 p1@0 p2@0 p3@1500");
    expect(verdict.reason).toBe(
      "1 unused port within 2 s: tcp 22; pings of 3 addresses; score 724",
    );
    expect(verdict).toMatchObject({
      evidence: "claimed",
      kinds: ["tcp-syn", "icmp-echo"],
      ports: [
        { transport: "tcp", port: 22 },
        { transport: "icmp", port: 8 },
      ],
      last: { transport: "icmp", port: 8 },
    });
    expect(verdict.score?.steps.map(({ factor }) => factor)).toEqual([
      4,
      ...Array.from({ length: 3 }, () => expect.closeTo(2 ** 2.5, 9)),
    ]);
    expect(verdictOf(sequential(), "i47@0 i50@0 i51@0").reason).toBe(
      "3 unserved protocols within 1 s: ip 47, 50-51; score 181",
    );
  });

  it("convicts nobody of what two addresses and two protocols can give", () => {
    const step = fc.constantFrom("p1", "p2", "i47", "i50");
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 60 }),
        fc.boolean(),
        (all, isStrict) => {
          const trace = all.map((each, index) => `${each}@${index}`).join(" ");
          expect(convictions(sequential({ isStrict }), trace)).toEqual([]);
        },
      ),
    );
  });
});

describe("TriggerDetector without ports", () => {
  it.each([
    ...DISTINCT,
    { what: "two ports and two pings", trace: "22@0 25@0 p1@1 p2@2", convicts: [] },
  ])("$what ($trace) -> $convicts", ({ trace, convicts }) => {
    expect(convictions(trigger(), trace)).toEqual(convicts);
  });

  it.each(DISTINCT)(
    "bans nobody for one ping where the first hit convicts: $what ($trace) -> $convicts",
    ({ trace, convicts }) => {
      expect(convictions(trigger({ trigger: 0, counts: "hits" }), trace)).toEqual(convicts);
    },
  );

  it("wants as many as it wants ports", () => {
    expect(convictions(trigger({ trigger: 10 }), sweep(10))).toEqual(["p10@9"]);
  });

  it("tells everything apart in its reason", () => {
    expect(verdictOf(trigger(), sweep(3)).reason).toBe("pings of 3 addresses within 1 s");
    const { reason } = verdictOf(trigger({ trigger: 4 }), "22@0 i47@0 p1@0 i50@0 i51@1500");
    expect(reason).toBe(
      "1 unused port within 2 s: tcp 22; ping of 1 address; 3 unserved protocols: ip 47, 50-51",
    );
  });
});
