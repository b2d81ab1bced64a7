import { describe, expect, it } from "vitest";
import { parseWords } from "../../src/net/address-words.ts";
import { ANSWERED_MS, AnsweredSources } from "../../src/proof/answered-sources.ts";

const words = (text: string) => parseWords(text) as Uint32Array;

describe("AnsweredSources", () => {
  it("knows a source until its time is over, and nobody else", () => {
    const answered = new AnsweredSources();
    answered.add(words("192.0.2.7"), 5000);
    expect(answered.has(words("192.0.2.7"), 5000 + ANSWERED_MS - 1)).toBe(true);
    expect(answered.has(words("192.0.2.7"), 5000 + ANSWERED_MS)).toBe(false);
    expect(answered.has(words("192.0.2.8"), 5000)).toBe(false);
  });

  it("knows most of thousands, and forgets rather than grows", () => {
    const answered = new AnsweredSources();
    const all = Array.from({ length: 40_000 }, (_, index) => Uint32Array.of(0, 0, 0xffff, index));
    for (const source of all) answered.add(source, 0);
    const known = all.filter((source) => answered.has(source, 1)).length;
    expect(known).toBeGreaterThan(10_000);
    expect(known).toBeLessThanOrEqual(16_384);
    expect(answered.has(all.at(-1) as Uint32Array, 1)).toBe(true);
  });
});
