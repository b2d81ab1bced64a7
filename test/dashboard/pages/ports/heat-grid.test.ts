import { describe, expect, it } from "vitest";
import {
  bandHeight,
  busiestCell,
  cellAfterKey,
  cellAt,
  leftOf,
  mostOf,
  probesAt,
  rowsOf,
  summaryOf,
  topOf,
} from "../../../../src/dashboard/pages/ports/heat-grid.ts";

/** Two narrow bands and two wide ones; three minutes, in the second of which nothing was probed. */
const GRID = {
  minutes: ["2026-11-23T14:00:00Z", "2026-11-23T14:01:00Z", "2026-11-23T14:02:00Z"],
  bands: [
    { first: 0, last: 63 },
    { first: 64, last: 127 },
    { first: 1024, last: 2047 },
    { first: 2048, last: 3071 },
  ],
  counts: [[4, 0, 0, 1], [], [0, 0, 9, 0]],
};
const EMPTY = { ...GRID, counts: [[], [], []] };
const AREA = { width: 300, height: 475 };

describe("the grid of ports and minutes", () => {
  it("takes a row that is left out for no probes", () => {
    expect(probesAt(GRID, { minute: 0, band: 3 })).toBe(1);
    expect(probesAt(GRID, { minute: 1, band: 3 })).toBe(0);
    expect(mostOf(GRID)).toBe(9);
    expect(mostOf(EMPTY)).toBe(0);
  });

  it("parts the wide bands from the narrow ones, and fills the height", () => {
    expect(bandHeight(GRID, AREA)).toBe(100);
    expect([0, 1, 2, 3].map((band) => topOf(GRID, band, AREA))).toEqual([0, 100, 275, 375]);
    expect(topOf(GRID, 3, AREA) + bandHeight(GRID, AREA)).toBe(AREA.height);
    expect([0, 1, 3].map((minute) => leftOf(GRID, minute, AREA))).toEqual([0, 100, 300]);
  });

  it.each([
    { x: 0, y: 0, minute: 0, band: 0 },
    { x: 99.9, y: 99.9, minute: 0, band: 0 },
    { x: 100, y: 100, minute: 1, band: 1 },
    // Between the narrow and the wide ones.
    { x: 250, y: 274, minute: 2, band: 1 },
    { x: 250, y: 275, minute: 2, band: 2 },
    { x: 900, y: 900, minute: 2, band: 3 },
    { x: -5, y: -5, minute: 0, band: 0 },
  ])("has minute $minute and band $band at $x, $y", ({ x, y, minute, band }) => {
    expect(cellAt(GRID, x, y, AREA)).toEqual({ minute, band });
  });

  it("has no cell without minutes or bands", () => {
    expect(cellAt({ ...GRID, minutes: [] }, 1, 1, AREA)).toBeUndefined();
    expect(cellAt({ ...GRID, bands: [] }, 1, 1, AREA)).toBeUndefined();
  });

  it.each([
    ["ArrowLeft", { minute: 0, band: 2 }],
    ["ArrowRight", { minute: 2, band: 2 }],
    ["ArrowUp", { minute: 1, band: 1 }],
    ["ArrowDown", { minute: 1, band: 3 }],
    ["PageDown", { minute: 1, band: 3 }],
    ["PageUp", { minute: 1, band: 0 }],
    ["Home", { minute: 0, band: 2 }],
    ["End", { minute: 2, band: 2 }],
    ["Tab", undefined],
  ])("goes on with %s, and not over the edge", (key, cell) => {
    expect(cellAfterKey(GRID, { minute: 1, band: 2 }, key)).toEqual(cell);
  });

  it("begins where most probes came, or now", () => {
    expect(busiestCell(GRID)).toEqual({ minute: 2, band: 2 });
    expect(busiestCell(EMPTY)).toEqual({ minute: 2, band: 0 });
  });

  it("says in words what it shows", () => {
    expect(summaryOf(GRID)).toMatch(
      /^14 probes of ports in the last hour\. Most, 9, came at \d\d:02 to ports 1024–2047\.$/,
    );
    expect(summaryOf(EMPTY)).toBe("No port was probed in the last hour.");
  });

  it("is a table of the bands that were probed", () => {
    expect(rowsOf(GRID, 2)).toEqual([
      { band: 0, total: 4, spans: [4, 0] },
      { band: 2, total: 9, spans: [0, 9] },
      { band: 3, total: 1, spans: [1, 0] },
    ]);
    expect(rowsOf(EMPTY, 2)).toEqual([]);
  });
});
