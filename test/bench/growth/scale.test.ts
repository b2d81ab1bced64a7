import { describe, expect, it } from "vitest";
import { formatTick, scaleOf } from "../../../bench/growth/scale.ts";

describe("scaleOf", () => {
  it("gives a logarithmic axis whole decades, and equal room to each", () => {
    const scale = scaleOf("logarithmic", [100, 1_000_000], [0, 400]);
    expect(scale.ticks).toEqual([100, 1000, 10_000, 100_000, 1_000_000]);
    expect(scale.ticks.map((tick) => Math.round(scale.place(tick)))).toEqual([
      0, 100, 200, 300, 400,
    ]);
  });

  it("goes on to the next decade where the values end within one", () => {
    expect(scaleOf("logarithmic", [1, 131_072], [0, 1]).ticks.at(-1)).toBe(1_000_000);
  });

  it("names 2 and 5 of each decade where there are at most two", () => {
    expect(scaleOf("logarithmic", [0.05, 0.9], [0, 1]).ticks).toEqual([
      0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,
    ]);
    expect(scaleOf("logarithmic", [3, 2000], [0, 1]).ticks).toEqual([1, 10, 100, 1000, 10_000]);
  });

  it("gives a single value a decade of its own", () => {
    const scale = scaleOf("logarithmic", [10, 10], [0, 1]);
    expect(scale.ticks).toEqual([10, 20, 50, 100]);
    expect(scale.place(10)).toBe(0);
  });

  it.each([
    { values: [0, 32], ticks: [0, 10, 20, 30, 40] },
    { values: [147, 191], ticks: [0, 50, 100, 150, 200] },
    { values: [0.05, 0.3], ticks: [0, 0.1, 0.2, 0.3] },
    { values: [0, 0], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1].slice(0, 2) },
  ])("begins a linear axis at 0 and ends it at a round number: $values", ({ values, ticks }) => {
    expect(scaleOf("linear", values, [0, 1]).ticks).toEqual(ticks);
  });

  it("turns round where the drawing's axis does", () => {
    const scale = scaleOf("linear", [0, 40], [240, 0]);
    expect([0, 10, 40].map((value) => scale.place(value))).toEqual([240, 180, 0]);
  });

  it.each([
    { kind: "logarithmic", values: [0, 1] },
    { kind: "logarithmic", values: [-1] },
    { kind: "linear", values: [-1] },
    { kind: "linear", values: [Number.NaN] },
    { kind: "linear", values: [Number.POSITIVE_INFINITY] },
    { kind: "linear", values: [] },
  ] as const)("refuses what has no place on a $kind axis: $values", ({ kind, values }) => {
    expect(() => scaleOf(kind, values, [0, 1])).toThrow(RangeError);
  });
});

describe("formatTick", () => {
  it.each([
    [0, "0"],
    [0.5, "0.5"],
    [999, "999"],
    [1000, "1k"],
    [65_536, "65.5k"],
    [1_000_000, "1M"],
    [2.5e9, "2.5G"],
  ])("writes %d as %s", (value, text) => {
    expect(formatTick(value)).toBe(text);
  });
});
