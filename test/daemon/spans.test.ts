import { describe, expect, it } from "vitest";
import { formatSpan } from "../../src/daemon/spans.ts";

describe("formatSpan", () => {
  it.each([
    { ms: -5000, text: "0 s" },
    { ms: 0, text: "0 s" },
    { ms: 499, text: "0 s" },
    { ms: 500, text: "1 s" },
    { ms: 59_499, text: "59 s" },
    { ms: 59_500, text: "1 min" },
    { ms: 61_000, text: "1 min 1 s" },
    { ms: 3_600_000, text: "1 h" },
    { ms: 5_400_000, text: "1 h 30 min" },
    { ms: 86_399_000, text: "23 h 59 min" },
    { ms: 86_400_000, text: "1 d" },
    { ms: 90_061_000, text: "1 d 1 h" },
    { ms: 30 * 86_400_000, text: "30 d" },
  ])("says $ms ms as $text", ({ ms, text }) => {
    expect(formatSpan(ms)).toBe(text);
  });
});
