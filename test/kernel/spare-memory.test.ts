import { describe, expect, it } from "vitest";
import { giveBackMemory } from "../../src/kernel/spare-memory.ts";

const heapBytes = () => process.memoryUsage().heapTotal;

describe("giveBackMemory", () => {
  it("gives back what nobody uses any more, and may be called again", () => {
    giveBackMemory();
    const before = heapBytes();
    let used: unknown[] | undefined = Array.from({ length: 500_000 }, (_, index) => ({ index }));
    const grown = heapBytes() - before;
    expect(used).toHaveLength(500_000);
    used = undefined;
    giveBackMemory();
    expect(heapBytes() - before).toBeLessThan(grown / 4);
  });

  it("leaves the collector out of reach of everybody else", () => {
    giveBackMemory();
    expect(globalThis.gc).toBeUndefined();
  });
});
