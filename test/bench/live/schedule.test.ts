import { describe, expect, it } from "vitest";
import type { Row } from "../../../bench/live/row.ts";
import { formatLeft, rowsOfRound, stepsOf, TimeLeft } from "../../../bench/live/schedule.ts";

const SHORT: Row = { name: "short", measures: [], measure: async () => ({}) };
const LONG: Row = { ...SHORT, name: "long", isLong: true, aboutSeconds: 60 };

describe("rowsOfRound", () => {
  it("has long rows in the first round and every second one", () => {
    const names = [0, 1, 2].map((round) =>
      rowsOfRound([SHORT, LONG], round).map((row) => row.name),
    );
    expect(names).toEqual([["short", "long"], ["short"], ["short", "long"]]);
  });
});

describe("stepsOf", () => {
  it("has each row of each round once for each contestant", () => {
    const steps = stepsOf([SHORT, LONG], 5, ["none", "vedette"]);
    expect(steps.filter(({ row }) => row === SHORT)).toHaveLength(10);
    expect(steps.filter(({ row }) => row === LONG)).toHaveLength(6);
  });
});

describe("TimeLeft", () => {
  it("believes what rows say, and then what steps took", () => {
    const time = new TimeLeft(stepsOf([SHORT, LONG], 3, ["vedette"]));
    expect(time.leftMs).toBe(3 * 5000 + 2 * 60_000);
    time.done({ row: LONG, contestant: "vedette" }, 10_000);
    expect(time.leftMs).toBe(3 * 5000 + 10_000);
    time.done({ row: SHORT, contestant: "vedette" }, 1000);
    expect(time.leftMs).toBe(2 * 1000 + 10_000);
  });

  it("does not believe what rows say where all is short", () => {
    expect(new TimeLeft(stepsOf([LONG], 1, ["none"]), true).leftMs).toBe(3000);
  });

  it("takes nothing of one contestant for another's", () => {
    const time = new TimeLeft(stepsOf([LONG], 1, ["none", "vedette"]));
    time.done({ row: LONG, contestant: "none" }, 1000);
    expect(time.leftMs).toBe(60_000);
  });
});

describe("formatLeft", () => {
  it.each([
    { leftMs: 29_999, text: "less than a minute" },
    { leftMs: 30_000, text: "about 1 min" },
    { leftMs: 90_000, text: "about 2 min" },
  ])("says $text of $leftMs", ({ leftMs, text }) => {
    expect(formatLeft(leftMs)).toBe(text);
  });
});
