import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { secondsToEpochMs, ticksToEpochMs } from "../../src/packet/capture-time.ts";

/** A step of today's milliseconds in a double. */
const QUARTER_MICROSECOND_MS = 2 ** -12;

describe("secondsToEpochMs", () => {
  it.each([
    { what: "microseconds", ticks: 123_456, ticksPerSecond: 1e6, ms: 1_767_225_600_123.456 },
    { what: "nanoseconds", ticks: 123_456_000, ticksPerSecond: 1e9, ms: 1_767_225_600_123.456 },
    { what: "no fraction", ticks: 0, ticksPerSecond: 1e6, ms: 1_767_225_600_000 },
  ])("adds $what", ({ ticks, ticksPerSecond, ms }) => {
    expect(secondsToEpochMs(1_767_225_600, ticks, ticksPerSecond)).toBe(ms);
  });
});

describe("ticksToEpochMs", () => {
  it.each([
    { what: "10^-6", ticks: 1_767_225_600_123_456n, perSecond: 1e6, ms: 1_767_225_600_123.456 },
    { what: "10^-9", ticks: 1_767_225_600_123_456_000n, perSecond: 1e9, ms: 1_767_225_600_123.456 },
    { what: "10^-3", ticks: 1_767_225_600_123n, perSecond: 1e3, ms: 1_767_225_600_123 },
    { what: "whole seconds", ticks: 1_767_225_600n, perSecond: 1, ms: 1_767_225_600_000 },
    // An eighth of a second.
    {
      what: "2^-32",
      ticks: (1_767_225_600n << 32n) + (1n << 29n),
      perSecond: 2 ** 32,
      ms: 1_767_225_600_125,
    },
    // The largest resolution that is divided by hand, and the first that is not.
    { what: "2^-37", ticks: (1_000n << 37n) + (1n << 36n), perSecond: 2 ** 37, ms: 1_000_500 },
    { what: "2^-38", ticks: (1_000n << 38n) + (1n << 37n), perSecond: 2 ** 38, ms: 1_000_500 },
    { what: "10^-12", ticks: 1_500_000_000_000n, perSecond: 1e12, ms: 1_500 },
  ])("reads ticks of $what", ({ ticks, perSecond, ms }) => {
    const [high, low] = [Number(ticks >> 32n), Number(ticks & 0xffff_ffffn)];
    expect(ticksToEpochMs(high, low, perSecond, 0)).toBe(ms);
  });

  it.each([{ perSecond: 1e6 }, { perSecond: 1e12 }])(
    "adds the interface's offset, which may be negative, at $perSecond ticks",
    ({ perSecond }) => {
      expect(ticksToEpochMs(0, 1_000_000, perSecond, 60)).toBe(60_000 + 1e9 / perSecond);
      expect(ticksToEpochMs(0, 1_000_000, perSecond, -60)).toBe(-60_000 + 1e9 / perSecond);
    },
  );

  it("is true to half a microsecond, and has the number that seconds and a fraction have", () => {
    const resolution = fc.constantFrom(1e3, 1e6, 1e7, 1e9, 2 ** 20, 2 ** 30);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        resolution,
        (seconds, part, perSecond) => {
          const fraction = Math.floor(part * perSecond);
          const ticks = BigInt(seconds) * BigInt(perSecond) + BigInt(fraction);
          const ms = ticksToEpochMs(
            Number(ticks >> 32n),
            Number(ticks & 0xffff_ffffn),
            perSecond,
            0,
          );
          expect(ms).toBe(secondsToEpochMs(seconds, fraction, perSecond));
          const exactNs = (ticks * 1_000_000_000n) / BigInt(perSecond);
          const wholeMs = Number(exactNs / 1_000_000n);
          const errorMs = ms - wholeMs - Number(exactNs % 1_000_000n) / 1e6;
          expect(Math.abs(errorMs)).toBeLessThanOrEqual(2 * QUARTER_MICROSECOND_MS);
        },
      ),
    );
  });

  it("is a number for any ticks at any resolution", () => {
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    const exponent = fc.integer({ min: 0, max: 127 });
    fc.assert(
      fc.property(word, word, exponent, fc.boolean(), (high, low, power, isBinary) => {
        const perSecond = isBinary ? 2 ** power : 10 ** power;
        return Number.isFinite(ticksToEpochMs(high, low, perSecond, 0));
      }),
    );
  });
});
