import { describe, expect, it } from "vitest";
import { NOWHERE } from "../../src/replay/key-table.ts";
import { TimedSet } from "../../src/replay/timed-set.ts";

const source = (number: number) => Uint32Array.of(0, 0, 0xffff, number);

describe("TimedSet", () => {
  it.each([
    { atMs: 59_999, found: true },
    { atMs: 60_000, found: false },
  ])("an element of 60 s at $atMs ms: $found", ({ atMs, found }) => {
    const set = new TimedSet(10);
    set.update(source(1), 0, 0, 60_000);
    expect(set.has(source(1), 0, atMs)).toBe(found);
  });

  it("add leaves the end of what is there, update moves it", () => {
    const set = new TimedSet(10);
    expect(set.add(source(1), 0, 0, 1000)).toBe(true);
    expect(set.add(source(1), 0, 500, 1000)).toBe(true);
    expect(set.has(source(1), 0, 1000)).toBe(false);
    set.update(source(2), 0, 0, 1000);
    set.update(source(2), 0, 500, 1000);
    expect(set.has(source(2), 0, 1000)).toBe(true);
  });

  it("takes nothing new while it is full, and again when the kernel would have collected", () => {
    const set = new TimedSet(2);
    set.update(source(1), 0, 0, 10);
    set.update(source(2), 0, 0, 5000);
    expect(set.add(source(3), 0, 5, 1000)).toBe(false);
    // 1 is over, but what is over is collected once a second.
    expect(set.add(source(3), 0, 900, 1000)).toBe(false);
    expect(set.update(source(3), 0, 900, 1000)).toBe(NOWHERE);
    expect(set.add(source(3), 0, 1005, 1000)).toBe(true);
    expect(set.has(source(2), 0, 1005)).toBe(true);
    expect(set.size).toBe(2);
  });
});
