import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ScoreStep } from "../../src/model/verdict.ts";
import {
  ACQUITTAL_RATIO,
  CONVICTION_BITS,
  CONVICTION_RATIO,
  missesToConvict,
  ratioOf,
  stepOn,
  walkWeights,
} from "../../src/model/walk.ts";

const HOUR_MS = 3_600_000;

const step = (factor: number, afterMs = 0): ScoreStep => ({
  ...{ transport: "tcp", port: 22 },
  ...{ factor, afterMs },
});

describe("the thresholds", () => {
  it("are the paper's for a detection rate of 0.99 and a false alarm rate of 0.01", () => {
    expect(CONVICTION_RATIO).toBeCloseTo(99, 10);
    expect(ACQUITTAL_RATIO).toBeCloseTo(0.010101, 6);
  });
});

describe("walkWeights", () => {
  it("is x4 and x0.25 by the paper", () => {
    expect(walkWeights(false)).toEqual({ missBits: 2, hitBits: -2 });
  });

  it("is x8 and x0.22 when strict", () => {
    const { missBits, hitBits } = walkWeights(true);
    expect(missBits).toBe(3);
    expect(2 ** hitBits).toBeCloseTo(2 / 9, 10);
  });

  it.each([
    { isStrict: false, misses: 4 },
    { isStrict: true, misses: 3 },
  ])("convicts with $misses misses and not with one less (strict: $isStrict)", (given) => {
    expect(missesToConvict(given.isStrict)).toBe(given.misses);
    const { missBits } = walkWeights(given.isStrict);
    expect(given.misses * missBits).toBeGreaterThanOrEqual(CONVICTION_BITS);
    expect((given.misses - 1) * missBits).toBeLessThan(CONVICTION_BITS);
  });
});

describe("stepOn", () => {
  it.each([
    { what: "at once", bits: 4, gapMs: 0, after: 6 },
    { what: "after one half-life", bits: 4, gapMs: HOUR_MS, after: 4 },
    { what: "after two", bits: 4, gapMs: 2 * HOUR_MS, after: 3 },
    { what: "from below nothing", bits: -4, gapMs: HOUR_MS, after: 0 },
  ])("adds a miss to what is left of $bits bits $what", ({ bits, gapMs, after }) => {
    expect(stepOn(bits, gapMs, HOUR_MS, 2)).toBeCloseTo(after, 10);
  });
});

describe("ratioOf", () => {
  it.each([
    { what: "nothing", steps: [], ratio: 1 },
    { what: "four misses", steps: [4, 4, 4, 4].map((one) => step(one)), ratio: 256 },
    { what: "a hit among them", steps: [4, 4, 0.25, 4, 4].map((one) => step(one)), ratio: 64 },
    { what: "a half-life between", steps: [step(4), step(4, HOUR_MS)], ratio: 8 },
  ])("of $what is $ratio", ({ steps, ratio }) => {
    expect(ratioOf(steps, HOUR_MS)).toBeCloseTo(ratio, 9);
  });

  it("is never below the acquittal, and misses climb from there", () => {
    const hits = Array.from({ length: 8 }, () => step(0.25));
    expect(ratioOf(hits, HOUR_MS)).toBeCloseTo(ACQUITTAL_RATIO, 10);
    expect(ratioOf([...hits, step(4)], HOUR_MS)).toBeCloseTo(4 * ACQUITTAL_RATIO, 10);
  });

  const walk = fc.array(
    fc.record({ factor: fc.constantFrom(0.25, 0.5, 2, 4, 8, 16), waitMs: fc.nat(50 * HOUR_MS) }),
    { maxLength: 64 },
  );

  it("stays above the acquittal whatever comes, and finite", () => {
    fc.assert(
      fc.property(walk, (waits) => {
        let afterMs = 0;
        const steps = waits.map(({ factor, waitMs }) => {
          afterMs += waitMs;
          return step(factor, afterMs);
        });
        const ratio = ratioOf(steps, HOUR_MS);
        expect(ratio).toBeGreaterThanOrEqual(ACQUITTAL_RATIO * (1 - 1e-12));
        expect(ratio).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it("of misses at one time is the same in any order", () => {
    const misses = fc.array(fc.constantFrom(2, 4, 16), { maxLength: 20 });
    const shuffled = misses.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const of = (factors: number[]) =>
          ratioOf(
            factors.map((factor) => step(factor)),
            HOUR_MS,
          );
        expect(of(one)).toBe(of(other));
      }),
    );
  });
});
