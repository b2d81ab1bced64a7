/** Each target of `npm run fuzz` for a moment, so that none is broken when it is wanted. */
import { describe, expect, it } from "vitest";
import { FUZZ_TARGETS } from "./targets/all.ts";

/** The broker's are slow, and test/broker/fuzzed-guard.test.ts has more of them. */
const QUICK = FUZZ_TARGETS.filter(({ name }) => name !== "broker");

describe("what is fuzzed", () => {
  it.each(QUICK)("keeps its promises for some inputs: $name", async ({ run }) => {
    const { finding } = await run({ seed: Date.now() % 2 ** 31, inputs: 30 });
    expect(finding).toBeUndefined();
  });

  it("has a name of its own for each target", () => {
    const names = FUZZ_TARGETS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
