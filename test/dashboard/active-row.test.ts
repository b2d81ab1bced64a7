import { describe, expect, it } from "vitest";
import { placeOf } from "../../src/dashboard/active-row.ts";

const keyOf = (row: string): string => row;

describe("the active row", () => {
  it("is the first one until somebody goes to another", () => {
    expect(placeOf({ place: 0, key: undefined }, ["a", "b"], keyOf)).toBe(0);
    expect(placeOf({ place: 0, key: undefined }, ["new", "a", "b"], keyOf)).toBe(0);
  });

  it("stays the same one when others come and go above it", () => {
    const active = { place: 1, key: "b" };
    expect(placeOf(active, ["a", "b", "c"], keyOf)).toBe(1);
    expect(placeOf(active, ["new", "a", "b", "c"], keyOf)).toBe(2);
    expect(placeOf(active, ["b", "c"], keyOf)).toBe(0);
  });

  it("is the next one when it is gone, or the one before if it was the last", () => {
    expect(placeOf({ place: 1, key: "b" }, ["a", "c"], keyOf)).toBe(1);
    expect(placeOf({ place: 2, key: "c" }, ["a", "b"], keyOf)).toBe(1);
    expect(placeOf({ place: 0, key: "a" }, [], keyOf)).toBe(-1);
  });
});
