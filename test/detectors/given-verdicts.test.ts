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

const alive = { evidence: "alive", seenAtMs: 1 } as const;

describe("GivenVerdicts", () => {
  it("keeps so many, and lets the oldest go", () => {
    const sut = new GivenVerdicts();
    for (let index = 0; index <= MAX_GIVEN; index += 1) {
      sut.add({ ...claimed, source: nth(index) }, 0);
    }
    expect(sut.raise(nth(0), alive)).toBeUndefined();
    expect(sut.raise(nth(1), alive)).toBeDefined();
    expect(sut.raise(nth(MAX_GIVEN), alive)).toBeDefined();
  });

  it("keeps the latest verdict on a source", () => {
    const sut = new GivenVerdicts();
    sut.add(claimed, 0);
    sut.add({ ...claimed, campaignId: "later" }, 0);
    expect(sut.raise(claimed.source, alive)?.campaignId).toBe("later");
  });

  it("has nothing to raise when the latest verdict is proven", () => {
    const sut = new GivenVerdicts();
    const proven: Verdict = { ...claimed, evidence: "proven" };
    sut.add(claimed, 0);
    sut.add(proven, 0);
    expect(sut.raise(claimed.source, { evidence: "proven", seenAtMs: 1 })).toBeUndefined();
  });

  it("forgets whoever a prefix overlaps, and nobody else", () => {
    const sut = new GivenVerdicts();
    sut.add(claimed, 0);
    sut.add({ ...claimed, source: nth(1) }, 0);
    sut.forget(parsePrefix("192.0.2.0/24") as Prefix);
    expect(sut.raise(parsePrefix(SCANNER) as Prefix, alive)).toBeUndefined();
    expect(sut.raise(nth(1), alive)).toBeDefined();
  });
});
