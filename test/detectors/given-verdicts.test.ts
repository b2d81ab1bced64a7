import { describe, expect, it } from "vitest";
import { GivenVerdicts, MAX_GIVEN } from "../../src/detectors/given-verdicts.ts";
import { TriggerDetector } from "../../src/detectors/trigger.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { clock, SCANNER, verdictOf } from "./traces.ts";

const detector = new TriggerDetector(
  { trigger: 1, counts: "hits", areUnused: true, recordMs: 10_000, maxSources: 8 },
  clock,
  new SourceKeys({ ipv6PrefixBits: 64 }),
);
const claimed = verdictOf(detector, "22@0");

const nth = (index: number) =>
  parsePrefix(`10.0.${Math.floor(index / 256)}.${index % 256}`) as Prefix;

const alive = { evidence: "alive", port: 22, seenAtMs: 1 } as const;
const connected = (port: number) => ({ evidence: "proven", port, seenAtMs: 1 }) as const;
const create = () => new GivenVerdicts((port) => port === 23);

describe("GivenVerdicts", () => {
  it("keeps so many, and lets the oldest go", () => {
    const sut = create();
    for (let index = 0; index <= MAX_GIVEN; index += 1) {
      sut.add({ ...claimed, source: nth(index) }, 0, undefined);
    }
    expect(sut.raise(nth(0), alive)).toBeUndefined();
    expect(sut.raise(nth(1), alive)).toBeDefined();
    expect(sut.raise(nth(MAX_GIVEN), alive)).toBeDefined();
  });

  it("keeps the latest verdict on a source", () => {
    const sut = create();
    sut.add(claimed, 0, undefined);
    sut.add({ ...claimed, campaignId: "later" }, 0, undefined);
    expect(sut.raise(claimed.source, alive)?.campaignId).toBe("later");
  });

  it("has nothing to raise when the latest verdict is proven", () => {
    const sut = create();
    const proven: Verdict = { ...claimed, evidence: "proven" };
    sut.add(claimed, 0, undefined);
    sut.add(proven, 0, undefined);
    expect(sut.raise(claimed.source, connected(23))).toBeUndefined();
  });

  it.each([
    { what: "one port", before: undefined, ports: [22, 22], raised: ["alive", undefined] },
    { what: "two ports", before: undefined, ports: [22, 80], raised: ["alive", "proven"] },
    { what: "a second port", before: 22, ports: [22, 80], raised: ["alive", "proven"] },
    { what: "a port that proves alone", before: undefined, ports: [23], raised: ["proven"] },
  ])("raises by $what no further than that proves", ({ before, ports, raised }) => {
    const sut = create();
    sut.add(claimed, 0, before);
    const seen = ports.map((port) => sut.raise(claimed.source, connected(port))?.evidence);
    expect(seen).toEqual(raised);
  });

  it("remembers a port that raises nothing by itself", () => {
    const sut = create();
    sut.add({ ...claimed, evidence: "alive" }, 0, undefined);
    expect(sut.raise(claimed.source, connected(22))).toBeUndefined();
    expect(sut.raise(claimed.source, connected(80))?.evidence).toBe("proven");
  });

  it("forgets whoever a prefix overlaps, and nobody else", () => {
    const sut = create();
    sut.add(claimed, 0, undefined);
    sut.add({ ...claimed, source: nth(1) }, 0, undefined);
    sut.forget(parsePrefix("192.0.2.0/24") as Prefix);
    expect(sut.raise(parsePrefix(SCANNER) as Prefix, alive)).toBeUndefined();
    expect(sut.raise(nth(1), alive)).toBeDefined();
  });
});
