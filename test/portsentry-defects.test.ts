/** Holds docs/PORTSENTRY-DEFECTS.md against the tests that it names. */
import { describe, expect, it } from "vitest";
import { faultsOf, numbering, rowsOf } from "./support/named-tests.ts";

const DOCUMENT = "docs/PORTSENTRY-DEFECTS.md";
const CANNOT_HAPPEN = "none: it cannot happen";

/** Cells: defect, what Vedette does, tests. */
const rows = rowsOf(DOCUMENT, "BC");

describe(DOCUMENT, () => {
  it.each([
    { letter: "B", least: 21 },
    { letter: "C", least: 21 },
  ])("has a row for each number of $letter, in order", ({ letter, least }) => {
    const { names, expected } = numbering(rows, letter);
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(names).toEqual(expected);
  });

  it.each(rows)(
    "$name says what goes wrong, what is done, and which tests show it",
    ({ cells }) => {
      expect(cells).toHaveLength(3);
      expect(cells.filter((cell) => cell === "")).toEqual([]);
      const [, , tests = ""] = cells;
      if (tests !== CANNOT_HAPPEN) expect(faultsOf(tests)).toEqual([]);
    },
  );

  it("says of no more than two defects that they cannot happen", () => {
    const free = rows.filter(({ cells }) => cells[2] === CANNOT_HAPPEN);
    expect(free.length).toBeLessThanOrEqual(2);
  });
});
