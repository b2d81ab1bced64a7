import { describe, expect, it } from "vitest";
import { type MemoryReadings, MemoryWatch } from "../../src/daemon/memory-watch.ts";

const MEBIBYTE = 1024 * 1024;
const START: MemoryReadings = { monotonicMs: 5000, cpuMs: 900, bytes: 100 * MEBIBYTE };

/** Readings ten seconds later, in which so much was done and grown. */
function later(before: MemoryReadings, cpuMs: number, bytes: number): MemoryReadings {
  return { monotonicMs: before.monotonicMs + 10_000, cpuMs: before.cpuMs + cpuMs, bytes };
}

/** A watch that has given back at {@link START}, down to 80 MiB. */
function lean(): { readonly watch: MemoryWatch; readonly from: MemoryReadings } {
  const watch = new MemoryWatch(START);
  const from = later(START, 0, 80 * MEBIBYTE);
  watch.gaveBack(from);
  return { watch, from };
}

describe("MemoryWatch", () => {
  it("gives back in the first quiet moment, whatever there is", () => {
    expect(new MemoryWatch(START).look(later(START, 0, 100 * MEBIBYTE))).toBe(true);
  });

  it.each([
    { cpuMs: 500, gives: true },
    { cpuMs: 501, gives: false },
  ])("$cpuMs ms of work in ten seconds -> $gives", ({ cpuMs, gives }) => {
    expect(new MemoryWatch(START).look(later(START, cpuMs, 100 * MEBIBYTE))).toBe(gives);
  });

  it.each([
    { growth: 8 * MEBIBYTE - 1, gives: false },
    { growth: 8 * MEBIBYTE, gives: true },
  ])("grown by $growth bytes since it gave back -> $gives", ({ growth, gives }) => {
    const { watch, from } = lean();
    expect(watch.look(later(from, 0, 80 * MEBIBYTE + growth))).toBe(gives);
  });

  it("gives back once the work is over", () => {
    const { watch, from } = lean();
    const busy = later(from, 9000, 300 * MEBIBYTE);
    expect(watch.look(busy)).toBe(false);
    expect(watch.look(later(busy, 10, 300 * MEBIBYTE))).toBe(true);
  });

  it("counts growth from the least that it has held", () => {
    const { watch, from } = lean();
    const shrunk = later(from, 0, 70 * MEBIBYTE);
    expect(watch.look(shrunk)).toBe(false);
    expect(watch.look(later(shrunk, 0, 78 * MEBIBYTE))).toBe(true);
  });

  it("takes the work of giving back for none", () => {
    const watch = new MemoryWatch(START);
    const quiet = later(START, 0, 100 * MEBIBYTE);
    expect(watch.look(quiet)).toBe(true);
    const given = { ...quiet, cpuMs: quiet.cpuMs + 800, bytes: 60 * MEBIBYTE };
    watch.gaveBack(given);
    expect(watch.look(later(given, 0, 68 * MEBIBYTE))).toBe(true);
  });
});
