import { describe, expect, it } from "vitest";
import {
  curveOf,
  endsOf,
  formatEnds,
  formatRange,
  from,
  isRising,
  slopeOf,
  upTo,
} from "../../../bench/growth/curve.ts";

const spread = (median: number) => ({ median, low: 0, high: 0 });
const CURVE = curveOf(
  [
    { size: 100, numbers: { add: spread(4) } },
    { size: 500, numbers: {} },
    { size: 1000, numbers: { add: spread(13) } },
    { size: 2000, numbers: { add: spread(12) } },
  ],
  "add",
);

describe("curveOf", () => {
  it("has what was measured", () => {
    expect(CURVE).toEqual([
      { size: 100, value: 4 },
      { size: 1000, value: 13 },
      { size: 2000, value: 12 },
    ]);
  });
});

describe("from and upTo", () => {
  it("share the size between them", () => {
    expect(upTo(CURVE, 1000).map(({ size }) => size)).toEqual([100, 1000]);
    expect(from(CURVE, 1000).map(({ size }) => size)).toEqual([1000, 2000]);
  });
});

describe("slopeOf", () => {
  it("is what one more adds", () => {
    expect(slopeOf(upTo(CURVE, 1000))).toBe(0.01);
  });

  it.each([{ points: [] }, { points: CURVE.slice(0, 1) }])(
    "of $points is nothing",
    ({ points }) => {
      expect(slopeOf(points)).toBeUndefined();
      expect(endsOf(points)).toBeUndefined();
    },
  );
});

describe("isRising", () => {
  it("is told by every step", () => {
    expect(isRising(upTo(CURVE, 1000))).toBe(true);
    expect(isRising(CURVE)).toBe(false);
  });
});

describe("what is said of a curve", () => {
  it("names its ends, and its extremes", () => {
    expect(formatEnds(CURVE, "ms")).toBe("from 4 ms at 100 to 12 ms at 2,000");
    expect(formatRange(CURVE, "ms")).toBe("between 4 and 13 ms");
  });

  it("is nothing where there is no curve", () => {
    expect(formatEnds(CURVE.slice(0, 1), "ms")).toBe("");
    expect(formatRange([], "ms")).toBe("");
  });
});
