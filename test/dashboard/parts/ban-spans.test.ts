import { describe, expect, it } from "vitest";
import { spansAfter } from "../../../src/dashboard/parts/ban-spans.ts";

describe("spansAfter", () => {
  it("offers what was left of the ban first, and then its whole length", () => {
    expect(spansAfter({ leftSeconds: 483.2, wholeSeconds: 600 })).toEqual([
      { name: "what was left of it, 8:04", seconds: 483.2 },
      { name: "as long as it was, 10:00", seconds: 600 },
    ]);
  });

  it("offers good for good", () => {
    const spans = [{ name: "for good, as it was", seconds: null }];
    expect(spansAfter({ leftSeconds: null, wholeSeconds: null })).toEqual(spans);
  });
});
