import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSavedSources,
  encodeSavedSources,
  MAX_SAVED_BYTES,
  MAX_SAVED_SOURCES,
  type SavedSource,
} from "../../src/detectors/saved-sources.ts";

const SOURCE: SavedSource = {
  words: Uint32Array.of(0, 0, 0xffff, 0xc0000207),
  firstSeenAtEpochMs: 1000,
  lastCountedAtEpochMs: 3000,
  convictedAtEpochMs: Number.NaN,
  probes: 7,
  campaign: 3,
  contacts: 2,
  kinds: 2,
  evidence: 1,
  entries: [
    { entry: 22, listedAtEpochMs: 1000 },
    { entry: 0xffff_ffff, listedAtEpochMs: 3000 },
  ],
};

const time = fc.integer({ min: 0, max: 8.64e15 });
const source: fc.Arbitrary<SavedSource> = fc
  .record({
    words: fc.uint32Array({ minLength: 4, maxLength: 4 }),
    firstSeenAtEpochMs: time,
    lastCountedAtEpochMs: time,
    convictedAtEpochMs: fc.oneof(time, fc.constant(Number.NaN)),
    probes: fc.nat(0xffff_ffff),
    campaign: fc.nat(0xffff_ffff),
    contacts: fc.nat(32),
    kinds: fc.nat(8191),
    evidence: fc.nat(2),
    entries: fc.array(fc.record({ entry: fc.nat(0xffff_ffff), listedAtEpochMs: time }), {
      maxLength: 32,
    }),
  })
  .map((made) => ({
    ...made,
    contacts: Math.min(made.contacts, made.entries.length),
    entries: made.entries.toSorted((a, b) => a.listedAtEpochMs - b.listedAtEpochMs),
  }));

describe("decodeSavedSources", () => {
  it("gives back what was encoded", () => {
    fc.assert(
      fc.property(fc.array(source, { maxLength: 20 }), (sources) => {
        expect(decodeSavedSources(encodeSavedSources(sources))).toEqual(sources);
      }),
    );
  });

  it("takes no sources for no sources", () => {
    expect(decodeSavedSources(encodeSavedSources([]))).toEqual([]);
  });

  it("takes a view into other bytes", () => {
    const bytes = encodeSavedSources([SOURCE]);
    const around = new Uint8Array(bytes.length + 20);
    around.set(bytes, 7);
    expect(decodeSavedSources(around.subarray(7, 7 + bytes.length))).toEqual([SOURCE]);
  });

  it("refuses whole what has any bit turned", () => {
    const bytes = encodeSavedSources([SOURCE, SOURCE]);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(decodeSavedSources(damaged)).toBeUndefined();
    }
  });

  it("refuses what is cut short or has something behind it", () => {
    const bytes = encodeSavedSources([SOURCE, SOURCE]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(decodeSavedSources(bytes.subarray(0, length))).toBeUndefined();
    }
    expect(decodeSavedSources(Uint8Array.of(...bytes, 0))).toBeUndefined();
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(decodeSavedSources(bytes)).toBeUndefined();
      }),
    );
  });

  // Whole and with a right checksum, but not what a table can hold.
  it.each([
    { what: "a level of evidence that there is not", change: { evidence: 3 } },
    { what: "a kind that there is not", change: { kinds: 8192 } },
    { what: "more contacts than are listed", change: { contacts: 3 } },
    { what: "a time before 1970", change: { firstSeenAtEpochMs: -1 } },
    { what: "a time that is none", change: { lastCountedAtEpochMs: Number.NaN } },
    { what: "an endless time", change: { convictedAtEpochMs: Number.POSITIVE_INFINITY } },
    { what: "a list that goes back", change: { entries: SOURCE.entries.toReversed() } },
  ])("refuses $what", ({ change }) => {
    expect(decodeSavedSources(encodeSavedSources([{ ...SOURCE, ...change }]))).toBeUndefined();
  });
});

describe("encodeSavedSources", () => {
  it("is bounded", () => {
    const entries = Array.from({ length: 32 }, () => ({ entry: 1, listedAtEpochMs: 1 }));
    const all = Array.from({ length: MAX_SAVED_SOURCES }, () => ({ ...SOURCE, entries }));
    const bytes = encodeSavedSources(all);
    expect(bytes.length).toBe(MAX_SAVED_BYTES);
    expect(MAX_SAVED_BYTES).toBeLessThan(4_000_000);
    expect(decodeSavedSources(bytes)).toHaveLength(MAX_SAVED_SOURCES);
    expect(() => encodeSavedSources([...all, SOURCE])).toThrow(RangeError);
    const longer = { ...SOURCE, entries: [...entries, ...entries] };
    expect(() => encodeSavedSources([longer])).toThrow(RangeError);
  });
});
