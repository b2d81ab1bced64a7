/** Each target of `npm run fuzz` for a moment, so that none is broken when it is wanted. */
import { describe, expect, it } from "vitest";
import { keptInputs } from "./corpus.ts";
import { FUZZ_TARGETS } from "./targets/all.ts";

/** The broker's are slow, and test/broker/fuzzed-guard.test.ts has more of them. */
const QUICK = FUZZ_TARGETS.filter(({ name }) => name !== "broker");

/** Few enough for those that write files. */
const INPUTS = 12;

/** What is not drawn here is drawn by `npm run fuzz`: a change is not refused for what it did not touch. */
const SEED = 1;

describe("what is fuzzed", () => {
  it.each(QUICK)("keeps its promises for some inputs: $name", async ({ run }) => {
    const { finding } = await run({ seed: SEED, inputs: INPUTS });
    expect(finding).toBeUndefined();
  });

  it.each(FUZZ_TARGETS)(
    "keeps its promises for every input that is kept: $name",
    async (target) => {
      const kept = keptInputs(target.name);
      expect(kept.length).toBeGreaterThan(0);
      for (const { bytes } of kept) await target.replay(bytes);
    },
  );

  it("has a name of its own for each target", () => {
    const names = FUZZ_TARGETS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
