import { describe, expect, it } from "vitest";
import { formatBars } from "../../../bench/live/bar-lines.ts";
import { type Bar, barsOf } from "../../../bench/live/bars.ts";
import type { Results } from "../../../bench/live/results.ts";
import { makeResults } from "./made-results.ts";

/** A run whose measure `id` has this bar. */
function promised(id: string, bar: Bar, numbers: Results["numbers"]): Results {
  const results = makeResults(numbers);
  const measures = results.measures.map((each) => (each.id === id ? { ...each, bar } : each));
  return { ...results, measures };
}

const pace = (...vedette: number[]) =>
  promised(
    "web.pace",
    { bound: "at least", value: 0.97, isOfRatio: true },
    { "web.pace": { none: vedette.map(() => 1000), vedette } },
  );

const leaked = (...vedette: (number | null)[]) =>
  promised(
    "leak.services",
    { bound: "at most", value: 0, isOfEachRound: true },
    { "leak.services": { none: vedette.map(() => 10), vedette } },
  );

const sized = (bound: Bar["bound"], ...vedette: number[]) =>
  promised("idle.memory", { bound, value: 20 }, { "idle.memory": { vedette } });

describe("barsOf", () => {
  it.each([
    { what: "a ratio whose median reaches it", results: pace(900, 970, 990), isMet: true },
    { what: "a ratio whose median does not", results: pace(990, 969, 900), isMet: false },
    { what: "a number in each round", results: leaked(0, 0, 0), isMet: true },
    { what: "a number but for one round", results: leaked(0, 0, 1), isMet: false },
    { what: "the rounds that were measured", results: leaked(0, null, 0), isMet: true },
    { what: "at most that", results: sized("at most", 20), isMet: true },
    { what: "below that, and it is that", results: sized("below", 20), isMet: false },
    { what: "at least that, and it is less", results: sized("at least", 19.9), isMet: false },
  ])("of $what: met is $isMet", ({ results, isMet }) => {
    expect(barsOf(results).map((each) => each.isMet)).toEqual([isMet]);
  });

  it("has none of what was not measured of Vedette", () => {
    const results = promised(
      "idle.memory",
      { bound: "below", value: 20 },
      { "idle.memory": { vedette: [null], scanlogd: [2] } },
    );
    expect(barsOf(results)).toEqual([]);
  });
});

describe("formatBars", () => {
  it("names the bar, what was measured, and whether it is met", () => {
    const lines = [pace(990), leaked(0, 1, 0), sized("below", 25)].map(
      (results) => formatBars(results, []).split("\n")[2],
    );
    expect(lines).toEqual([
      "| new connections | at least 0.97 × no guard | 0.990 | met |",
      "| services learned of | at most 0 services | 0 (0–0.5) | **not met**; by 2 of 3 rounds |",
      "| memory | below 20 MB | 25 | **not met** |",
    ]);
  });

  it("says so where there is nothing to be held against a bar", () => {
    expect(formatBars(makeResults({ "web.pace": { vedette: [1] } }), [])).toMatch(/^Nothing/);
  });

  it("tells why a bar is not met, and nothing of a bar that is", () => {
    const reasons = [{ measures: ["web.pace"], text: "The machine was busy." }];
    expect(formatBars(pace(900), reasons)).toContain(
      "### Why a bar is not met\n\n**new connections**\n\nThe machine was busy.",
    );
    expect(formatBars(pace(990), reasons)).not.toContain("busy");
    expect(formatBars(pace(990), reasons)).toMatch(/\n\nEvery bar of this table is met\.$/);
  });
});
