import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_MEMBERS } from "../../src/fleet/record.ts";
import { SEQUENCE_STATE_BYTES, SequenceWindows, WINDOW } from "../../src/fleet/sequence-window.ts";

const HIGHEST = 1_700_000_000_000_000;

describe("SequenceWindows", () => {
  it.each([
    { what: "the highest again", sequence: HIGHEST, verdict: "replayed" },
    { what: "the next", sequence: HIGHEST + 1, verdict: "taken" },
    { what: "the largest number", sequence: Number.MAX_SAFE_INTEGER, verdict: "taken" },
    { what: "the last of the window", sequence: HIGHEST - WINDOW, verdict: "taken" },
    { what: "one below the window", sequence: HIGHEST - WINDOW - 1, verdict: "too-old" },
    { what: "the first number", sequence: 1, verdict: "too-old" },
  ])("after one record, of $what says $verdict", ({ sequence, verdict }) => {
    const windows = new SequenceWindows();
    expect(windows.take("web1", HIGHEST)).toBe("taken");
    expect(windows.take("web1", sequence)).toBe(verdict);
    expect(windows.take("web1", sequence)).not.toBe("taken");
  });

  it("keeps each member's numbers apart", () => {
    const windows = new SequenceWindows();
    expect([windows.take("web1", 5), windows.take("web2", 5)]).toEqual(["taken", "taken"]);
  });

  it("begins anew for a member with another key", () => {
    const windows = new SequenceWindows();
    windows.take("web1", Number.MAX_SAFE_INTEGER);
    windows.forget("web1");
    expect(windows.take("web1", 5)).toBe("taken");
  });

  it(`takes ${MAX_MEMBERS} members and no more`, () => {
    const windows = new SequenceWindows();
    for (let member = 0; member < MAX_MEMBERS - 1; member += 1) windows.take(`m${member}`, 1);
    const state = windows.stateOf("m0") ?? new Uint8Array();
    expect(windows.take("last", 1)).toBe("taken");
    expect(windows.take("one-more", 1)).toBe("too-many-members");
    expect(windows.restore("one-more", state)).toBe(false);
    expect(windows.take("m0", 2)).toBe("taken");
    expect(windows.size).toBe(MAX_MEMBERS);
  });

  /** Near each other, near the edges of words and windows, and far away. */
  const numbers = fc.array(
    fc.oneof(
      fc.integer({ min: 1, max: 4000 }),
      fc.integer({ min: 2 ** 33, max: 2 ** 33 + 2200 }),
      fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - WINDOW),
    ),
    { maxLength: 300 },
  );

  it("says of any numbers what a set of all of them would say, also when restored each time", () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), (sequences, isRestored) => {
        let windows = new SequenceWindows();
        const taken = new Set<number>();
        for (const sequence of sequences) {
          const isOld = Math.max(0, ...taken) - sequence > WINDOW;
          const verdict = isOld ? "too-old" : taken.has(sequence) ? "replayed" : "taken";
          expect(windows.take("web1", sequence)).toBe(verdict);
          if (verdict === "taken") taken.add(sequence);
          if (!isRestored) continue;
          const next = new SequenceWindows();
          expect(next.restore("web1", windows.stateOf("web1") ?? new Uint8Array())).toBe(true);
          windows = next;
        }
      }),
    );
  });

  it.each([
    { what: "too few bytes", state: Buffer.alloc(SEQUENCE_STATE_BYTES - 1, 1) },
    { what: "too many", state: Buffer.alloc(SEQUENCE_STATE_BYTES + 1, 1) },
    { what: "no highest number", state: Buffer.alloc(SEQUENCE_STATE_BYTES) },
    { what: "one that is above all", state: Buffer.alloc(SEQUENCE_STATE_BYTES, 0xff) },
  ])("does not go on from $what", ({ state }) => {
    const windows = new SequenceWindows();
    expect(windows.restore("web1", state)).toBe(false);
    expect(windows.stateOf("web1")).toBeUndefined();
  });
});
