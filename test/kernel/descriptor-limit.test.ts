import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { raiseDescriptorLimit } from "../../src/kernel/descriptor-limit.ts";

/** Soft and hard, as the kernel tells them. */
function limits(): readonly string[] {
  const line = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
  return line?.slice(1) ?? [];
}

// What it raises is shown where the limit can be small: test/live/listener-ports.test.ts.
describe("raiseDescriptorLimit", () => {
  it("says what there is, and lowers nothing, when there is enough", () => {
    const before = limits();
    expect(raiseDescriptorLimit(64)).toBe(Number(before[0]));
    expect(limits()).toEqual(before);
  });

  it("leaves the limit alone that the kernel would not set", () => {
    const before = limits();
    // Above fs.nr_open, whoever asks.
    expect(raiseDescriptorLimit(2 ** 40)).toBe(Number(before[1]));
    expect(limits()[1]).toBe(before[1]);
  });
});
