import { expect, it } from "vitest";
import { type Look, ledgerOf, type Tally } from "../../../bench/live/ledger.ts";

function lookAt(arrived: number, tally: Tally | undefined, more: Partial<Look> = {}): Look {
  return { arrived, tally, cpuSeconds: 0, residentBytes: 0, writtenBytes: 0, ...more };
}

it("ledgerOf tells what became of the packets between two looks", () => {
  const before = lookAt(1000, { seen: 900, limited: 50, lost: 50 }, { cpuSeconds: 1 });
  const after = lookAt(
    3000,
    { seen: 2500, limited: 250, lost: 150 },
    { cpuSeconds: 1.008, residentBytes: 7, writtenBytes: 9 },
  );
  const ledger = ledgerOf(before, after);
  expect(ledger).toMatchObject({
    arrived: 2000,
    seenPercent: 80,
    limitedPercent: 10,
    lost: 100,
    unaccounted: 100,
    grownBytes: 7,
    writtenBytes: 9,
  });
  expect(ledger.cpuMicroseconds).toBeCloseTo(5);
});

it.each([
  { what: "too few", seen: 90 },
  { what: "too many", seen: 110 },
])("ledgerOf tells of $what", ({ seen }) => {
  const ledger = ledgerOf(lookAt(0, { seen: 0 }), lookAt(100, { seen }));
  expect(ledger.unaccounted).toBe(10);
});

it("ledgerOf has no loss of a guard that counts none", () => {
  const ledger = ledgerOf(lookAt(0, { seen: 0 }), lookAt(100, { seen: 40 }));
  expect(Object.keys(ledger).sort()).toEqual([
    "arrived",
    "cpuMicroseconds",
    "grownBytes",
    "seenPercent",
    "unaccounted",
    "writtenBytes",
  ]);
});

it.each([
  { what: "nothing arrived", after: lookAt(0, { seen: 0 }) },
  { what: "the guard says nothing", after: lookAt(100, undefined) },
])("ledgerOf has no shares where $what", ({ after }) => {
  const ledger = ledgerOf(lookAt(0, { seen: 0 }), after);
  expect(Object.keys(ledger).sort()).toEqual(["arrived", "grownBytes", "writtenBytes"]);
});
