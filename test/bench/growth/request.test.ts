import { describe, expect, it } from "vitest";
import { parseGrowthRequest, USAGE } from "../../../bench/growth/request.ts";
import { SUBJECTS } from "../../../bench/growth/subjects/all.ts";

describe("parseGrowthRequest", () => {
  it("measures every subject within fifteen minutes, and writes no file", () => {
    expect(parseGrowthRequest([])).toMatchObject({
      ...{ isHelp: false, isQuick: false, subjects: SUBJECTS, limitMs: 900_000 },
      ...{ folder: undefined, page: undefined },
    });
  });

  it("takes two minutes at most with --quick", () => {
    expect(parseGrowthRequest(["--quick"])).toMatchObject({ isQuick: true, limitMs: 120_000 });
  });

  it("measures what --only names, in the order of all", () => {
    const request = parseGrowthRequest(["--only", "clients,sources"]);
    expect(request).toMatchObject({ subjects: [{ name: "sources" }, { name: "clients" }] });
  });

  it.each([
    { args: ["--only", "dogs"], fault: "there is no dogs" },
    { args: ["--page", "x.md"], fault: "--page needs --out" },
    { args: ["--redraw"], fault: "--redraw needs --out" },
    { args: ["--redraw", "--out", "x", "--quick"], fault: "measures nothing" },
    { args: ["--loud"], fault: "--loud" },
    { args: ["all"], fault: "all" },
  ])("refuses $args", ({ args, fault }) => {
    expect(parseGrowthRequest(args)).toContain(fault);
  });

  it("redraws what lies in a folder", () => {
    expect(parseGrowthRequest(["--redraw", "--out", "x"])).toMatchObject({
      ...{ isRedraw: true, folder: "x" },
    });
  });

  it("names every subject in its usage", () => {
    for (const { name } of SUBJECTS) expect(USAGE).toContain(name);
  });
});

const spread = (median: number) => ({ median, low: median, high: median });

describe("the subjects", () => {
  it.each(SUBJECTS)(
    "$name says why its curves bend, with the numbers that there are",
    (subject) => {
      const ids = subject.groups.flatMap(({ curves }) => curves.map(({ id }) => id));
      const point = (size: number, value: number) => ({
        size,
        numbers: Object.fromEntries(ids.map((id) => [id, spread(value)])),
      });
      const { sizes } = subject;
      const runs = [
        [],
        [point(sizes[0] ?? 0, 7)],
        sizes.map((size) => point(size, 7)),
        sizes.map((size, place) => point(size, 100 - place)),
        sizes.map((size, place) => point(size, 12.5 + place)),
      ];
      for (const points of runs) {
        const text = subject.bends(points).join(" ");
        expect(text).not.toMatch(/undefined|NaN|Infinity|\(\)/);
      }
      expect(subject.bends(runs.at(-1) ?? []).join(" ")).toContain("12.5");
    },
  );

  it.each(SUBJECTS)("$name has rising sizes, of which --quick takes some", (subject) => {
    const { sizes, quickSizes } = subject;
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(sizes).toEqual(expect.arrayContaining([...quickSizes]));
  });

  it.each(SUBJECTS)("$name has no curve twice", ({ groups }) => {
    const ids = groups.flatMap(({ curves }) => curves.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
