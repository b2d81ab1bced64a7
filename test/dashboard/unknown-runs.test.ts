import { describe, expect, it } from "vitest";
import { unknownRuns } from "../../src/dashboard/unknown-runs.ts";

describe("unknownRuns", () => {
  it.each([
    { values: [], runs: [] },
    { values: [0, 1], runs: [] },
    { values: [null], runs: [[0, 0]] },
    {
      values: [null, null, 0, null],
      runs: [
        [0, 1],
        [3, 3],
      ],
    },
    {
      values: [1, null, 1, null, null],
      runs: [
        [1, 1],
        [3, 4],
      ],
    },
  ])("of $values are $runs", ({ values, runs }) => {
    expect(unknownRuns(values)).toEqual(runs);
  });
});
