import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BarResult } from "../../../bench/live/bars.ts";
import { formatUnmet, parseReasons } from "../../../bench/live/reasons.ts";
import { ROWS } from "../../../bench/live/rows/all.ts";

const FILE = join(import.meta.dirname, "../../../docs/benchmarks/reasons.md");

function result(id: string, isMet: boolean): BarResult {
  const measure = { id, title: `what ${id} is`, unit: "ms", isMoreBetter: false, isPaired: false };
  const spread = { median: 1, low: 1, high: 1 };
  const bar = { bound: "below", value: 1 } as const;
  return { measure, bar, spread, rounds: 1, keptRounds: isMet ? 1 : 0, isMet };
}

describe("parseReasons", () => {
  it("takes headings for measures, and what is below them for the text", () => {
    const file = "# Why\n\nFor writers.\n\n## a.x, a.y\n\nOne.\n\nTwo.\n\n## b.z\nThree.\n";
    expect(parseReasons(file)).toEqual([
      { measures: ["a.x", "a.y"], text: "One.\n\nTwo." },
      { measures: ["b.z"], text: "Three." },
    ]);
  });

  it("finds none where there is no heading", () => {
    expect(parseReasons("# Why\n\nFor writers.\n")).toEqual([]);
  });
});

describe("formatUnmet", () => {
  it("tells a reason once for all measures that it is of and that are not met", () => {
    const bars = [result("a.x", false), result("a.y", true), result("a.z", false)];
    const reasons = [{ measures: ["a.x", "a.y", "a.z"], text: "One." }];
    expect(formatUnmet(bars, reasons)).toBe(
      "### Why a bar is not met\n\n**what a.x is; what a.z is**\n\nOne.",
    );
  });

  it("says where the reason is to be written that is missing", () => {
    expect(formatUnmet([result("b.z", false)], [])).toContain("below `## b.z`");
  });
});

describe("docs/benchmarks/reasons.md", () => {
  it("names measures that have a bar, each once", () => {
    const barred = ROWS.flatMap(({ measures }) => measures)
      .filter(({ bar }) => bar !== undefined)
      .map(({ id }) => id);
    const named = parseReasons(readFileSync(FILE, "utf8")).flatMap(({ measures }) => measures);
    expect(barred).toEqual(expect.arrayContaining(named));
    expect(new Set(named).size).toBe(named.length);
  });
});
