import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeScore, encodeScore, MAX_STEPS } from "../../src/journal/score-text.ts";

const step = { transport: "tcp", port: 22, afterMs: 0, factor: 4 } as const;
const scoreOf = (count: number) => ({
  value: 256.5,
  halfLifeMs: 21_600_000,
  steps: Array.from({ length: count }, (_, index) => ({ ...step, afterMs: index })),
});

describe("encodeScore", () => {
  it("is a short text", () => {
    expect(encodeScore(scoreOf(2))).toBe('[256.5,21600000,[["tcp",22,0,4],["tcp",22,1,4]]]');
  });

  it("stores so many steps, and no score of more", () => {
    const text = encodeScore(scoreOf(MAX_STEPS));
    expect(decodeScore(text ?? "")).toEqual(scoreOf(MAX_STEPS));
    expect(encodeScore(scoreOf(MAX_STEPS + 1))).toBeUndefined();
  });

  it("stores the longest numbers there are", () => {
    const longest = {
      transport: "icmp" as const,
      port: 65_535,
      afterMs: Number.MAX_SAFE_INTEGER,
      factor: 2 ** -1000 / 3,
    };
    const score = { ...scoreOf(0), steps: Array(MAX_STEPS).fill(longest) };
    expect(decodeScore(encodeScore(score) ?? "")).toEqual(score);
  });
});

describe("decodeScore", () => {
  it.each([
    "",
    "{}",
    "[1,2]",
    "[0,1,[]]",
    "[1,-1,[]]",
    '[1,1,[["sctp",1,0,4]]]',
    '[1,1,[["tcp",65536,0,4]]]',
    '[1,1,[["tcp",1,-1,4]]]',
    '[1,1,[["tcp",1,0,0]]]',
    '[1,1,[["tcp",1,0,4,5]]]',
    `[1,1,[${Array(MAX_STEPS + 1)
      .fill('["tcp",1,0,4]')
      .join()}]]`,
    " ".repeat(100_000),
  ])("takes %s for none", (text) => {
    expect(decodeScore(text)).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        decodeScore(text);
      }),
    );
  });
});
