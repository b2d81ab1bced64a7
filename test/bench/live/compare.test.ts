import { describe, expect, it } from "vitest";
import { compare, formatComparison } from "../../../bench/live/compare.ts";
import type { Results } from "../../../bench/live/results.ts";
import { makeResults } from "./made-results.ts";

/** Vedette's pace beside a machine that makes 100 in every round. */
function paced(...vedette: number[]): Results {
  return makeResults({ "web.pace": { none: vedette.map(() => 100), vedette } });
}

/** Services that Vedette gave away beside a machine that gives all of 10 away. */
function leaked(...vedette: number[]): Results {
  return makeResults({ "leak.services": { none: vedette.map(() => 10), vedette } });
}

/** Vedette's memory beside a peer of 2 MB. */
function sized(...vedette: number[]): Results {
  return makeResults({ "idle.memory": { vedette, scanlogd: vedette.map(() => 2) } });
}

describe("compare", () => {
  it.each([
    { what: "the same", before: paced(98, 99, 100), now: paced(98, 99, 100), isLost: false },
    { what: "a loss of a tenth", before: paced(100), now: paced(90), isLost: false },
    { what: "a loss of more than a tenth", before: paced(100), now: paced(89.9), isLost: true },
    { what: "a win", before: paced(90), now: paced(100), isLost: false },
    {
      what: "a loss within the spread",
      before: paced(60, 100, 110),
      now: paced(60, 80, 100),
      isLost: false,
    },
    { what: "more memory", before: sized(100), now: sized(111), isLost: true },
    { what: "a little more memory", before: sized(100), now: sized(110), isLost: false },
    { what: "less memory", before: sized(100), now: sized(50), isLost: false },
    { what: "a service where none was given", before: leaked(0), now: leaked(1), isLost: true },
    { what: "none, as before", before: leaked(0, 0), now: leaked(0, 0), isLost: false },
  ])("of $what: lost is $isLost", ({ before, now, isLost }) => {
    expect(compare(before, now).map((each) => each.isLost)).toEqual([isLost]);
  });

  it("compares ratios: a machine of half the pace loses nothing", () => {
    const before = makeResults({ "web.pace": { none: [1000, 1000], vedette: [980, 980] } });
    const now = makeResults({ "web.pace": { none: [500, 400], vedette: [490, 392] } });
    expect(compare(before, now)).toMatchObject([{ base: "none", loss: 0, isLost: false }]);
  });

  it("takes costs without a base beside a peer, and never beside no guard", () => {
    const results = makeResults({
      "web.pace": { none: [100], vedette: [98], scanlogd: [80] },
      "idle.memory": { none: [null], vedette: [90], scanlogd: [2] },
    });
    expect(compare(results, results).map(({ measure, base }) => [measure.id, base])).toEqual([
      ["web.pace", "none"],
      ["idle.memory", "scanlogd"],
    ]);
  });

  it("has nothing of what only one of the runs has measured", () => {
    expect(compare(paced(100), leaked(0))).toEqual([]);
  });
});

describe("formatComparison", () => {
  it("tells both ratios and the loss", () => {
    const [comparison] = compare(paced(100), paced(80));
    expect(comparison && formatComparison(comparison)).toBe(
      "LOST: web.pace / none: was 1.000 (1.000–1.000), is 0.800 (0.800–0.800), -20.0 %",
    );
  });
});
