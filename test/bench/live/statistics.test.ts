import { describe, expect, it } from "vitest";
import { pairedRatios, rotated, spreadOf } from "../../../bench/live/statistics.ts";

describe("spreadOf", () => {
  it.each([
    { values: [7], low: 7, median: 7, high: 7 },
    { values: [2, 1], low: 1.25, median: 1.5, high: 1.75 },
    { values: [30, 10, 20], low: 15, median: 20, high: 25 },
    { values: [5, 1, 3, 2, 4], low: 2, median: 3, high: 4 },
    { values: [0, 0, 0, 0, 100], low: 0, median: 0, high: 0 },
    { values: [100, 9, 20, 3], low: 7.5, median: 14.5, high: 40 },
  ])("of $values is $median ($low to $high)", ({ values, low, median, high }) => {
    expect(spreadOf(values)).toEqual({ median, low, high });
  });

  it("of nothing is nothing", () => {
    expect(spreadOf([])).toBeUndefined();
  });

  it("leaves the values in their order", () => {
    const values = [3, 1, 2];
    spreadOf(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("pairedRatios", () => {
  it("divides each round by the same round", () => {
    expect(pairedRatios([10, 30], [20, 20])).toEqual([0.5, 1.5]);
  });

  it.each([
    { missing: "its own number", values: [undefined, 30], base: [20, 20] },
    { missing: "the base's number", values: [10, 30], base: [undefined, 20] },
    { missing: "a base that can divide", values: [10, 30], base: [0, 20] },
    { missing: "a base above noise", values: [10, 30], base: [-0.1, 20] },
  ])("leaves out a round without $missing", ({ values, base }) => {
    expect(pairedRatios(values, base)).toEqual([1.5]);
  });

  it("has none for rounds that the base has not played", () => {
    expect(pairedRatios([10, 30], [])).toEqual([]);
  });
});

describe("rotated", () => {
  it("puts everybody at every place once", () => {
    const orders = [0, 1, 2].map((by) => rotated(["a", "b", "c"], by));
    expect(orders).toEqual([
      ["a", "b", "c"],
      ["b", "c", "a"],
      ["c", "a", "b"],
    ]);
  });

  it("begins again when it is through", () => {
    expect(rotated(["a", "b"], 3)).toEqual(["b", "a"]);
  });

  it("of nobody is nobody", () => {
    expect(rotated([], 2)).toEqual([]);
  });
});
