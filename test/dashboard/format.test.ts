import { describe, expect, it } from "vitest";
import {
  formatAgo,
  formatCount,
  formatLeft,
  formatMarks,
  formatPackets,
  formatPorts,
  formatRate,
  formatShare,
  formatShort,
  formatSpan,
} from "../../src/dashboard/format.ts";

describe("numbers", () => {
  it.each([
    [0, "0"],
    [0.04, "0.0"],
    [3, "3"],
    [9.94, "9.9"],
    [9.95, "10"],
    [1240.4, "1,240"],
    [1_234_567, "1.2M"],
  ])("of %d a second are told as %s", (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });

  it.each([
    [99_999, "99,999"],
    [100_000, "100K"],
  ])("%d are told as %s", (count, text) => {
    expect(formatShort(count)).toBe(text);
  });
});

describe("marks of an axis", () => {
  it("are whole numbers while they are short", () => {
    expect(formatMarks([0, 45_000, 90_000], formatCount)).toEqual(["0", "45,000", "90,000"]);
    expect(formatMarks([0, 2.5], formatRate)).toEqual(["0", "2.5"]);
  });

  it("are all short as soon as the highest is not", () => {
    expect(formatMarks([0, 50_000, 100_000], formatCount)).toEqual(["0", "50K", "100K"]);
    expect(formatMarks([0, 1_250_000], formatCount)).toEqual(["0", "1.25M"]);
  });

  it("have the six characters for which the axis has room, and none is there twice", () => {
    for (let power = 0; power <= 11; power += 1) {
      for (const step of [1, 2, 2.5, 5].map((digit) => digit * 10 ** power)) {
        const marks = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((count) => count * Math.ceil(step));
        const shown = formatMarks(marks, formatCount);
        expect(Math.max(...shown.map((text) => text.length))).toBeLessThanOrEqual(6);
        expect(new Set(shown).size).toBe(marks.length);
      }
    }
  });
});

describe("times", () => {
  it.each([
    [-5, "0:00"],
    [0, "0:00"],
    [0.2, "0:01"],
    [59, "0:59"],
    [60, "1:00"],
    [3599, "59:59"],
    [3600, "1:00:00"],
    [86_399, "23:59:59"],
    [86_400, "1 d 0 h"],
    [273_600, "3 d 4 h"],
  ])("%d s that are left are %s", (seconds, text) => {
    expect(formatLeft(seconds)).toBe(text);
  });

  it.each([
    [0, "0 s"],
    [59.4, "59 s"],
    [60, "1 min"],
    [3599, "59 min"],
    [3600, "1 h"],
    [86_400, "1 d"],
  ])("%d s are a span of %s", (seconds, text) => {
    expect(formatSpan(seconds)).toBe(text);
  });

  it.each([
    [1000, "now"],
    [1500, "2 s"],
    [60_000, "1 min"],
    // The clocks of guard and browser are not the same.
    [-3000, "now"],
  ])("%d ms ago is %s", (ms, text) => {
    expect(formatAgo(100_000 - ms, 100_000)).toBe(text);
  });
});

describe("formatPorts", () => {
  const ports = [
    {
      transport: "tcp" as const,
      ranges: [
        [22, 23],
        [80, 80],
        [1000, 1010],
      ] as [number, number][],
    },
    { transport: "udp" as const, ranges: [[53, 53]] as [number, number][] },
  ];

  it.each([
    { most: 4, cut: false, text: "tcp 22, 23, 80, 1000–1010 · udp 53" },
    { most: 3, cut: false, text: "tcp 22, 23, 80, 1000–1010 · +1" },
    { most: 2, cut: true, text: "tcp 22, 23, 80 · +12 or more" },
  ])("tells $most ranges, and how many ports are beyond", ({ most, cut, text }) => {
    expect(formatPorts({ ports, port_count: 15, ports_cut: cut }, most)).toBe(text);
  });
});

describe("formatPackets", () => {
  it.each([
    [0, "0 packets"],
    [1, "1 packet"],
    [2, "2 packets"],
    [123_000, "123K packets"],
  ])("of %d is told as %s", (count, text) => {
    expect(formatPackets(count)).toBe(text);
  });
});

describe("formatShare", () => {
  it.each([
    [0, 10, "0 %"],
    [0, 0, "0 %"],
    [1, 1000, "under 1 %"],
    [1, 100, "1 %"],
    [42, 100, "42 %"],
    [999, 1000, "99 %"],
    [1000, 1000, "100 %"],
  ])("of %d in %d is told as %s", (part, whole, text) => {
    expect(formatShare(part, whole)).toBe(text);
  });
});
