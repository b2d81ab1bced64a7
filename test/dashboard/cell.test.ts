import { describe, expect, it } from "vitest";
import { createCell } from "../../src/dashboard/cell.ts";

describe("createCell", () => {
  it("tells whoever listens of another value, and of the same not", () => {
    const cell = createCell(1);
    const told: number[] = [];
    const end = cell.subscribe(() => told.push(cell.get()));
    cell.set(1);
    cell.set(2);
    cell.update((value) => value + 1);
    cell.update((value) => value);
    end();
    cell.set(9);
    expect(told).toEqual([2, 3]);
  });

  it("lets a listener end itself, or another one, while it is told", () => {
    const cell = createCell(1);
    const told: string[] = [];
    const endFirst = cell.subscribe(() => {
      told.push("first");
      endFirst();
    });
    cell.subscribe(() => told.push("second"));
    cell.set(2);
    cell.set(3);
    expect(told).toEqual(["first", "second", "second"]);
  });
});
