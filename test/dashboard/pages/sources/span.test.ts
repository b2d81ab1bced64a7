import { describe, expect, it } from "vitest";
import { sinceOf, spanOf } from "../../../../src/dashboard/pages/sources/span.ts";

const NOW = Date.parse("2026-11-23T14:00:59.999Z");

describe("the span of the page of sources", () => {
  it.each([
    ["1h", "2026-11-23T13:00:00.000Z"],
    ["24h", "2026-11-22T14:00:00.000Z"],
    ["7d", "2026-11-16T14:00:00.000Z"],
    ["30d", "2026-10-24T14:00:00.000Z"],
  ])("of %s begins at a full minute", (value, since) => {
    expect(spanOf(value).value).toBe(value);
    expect(sinceOf(spanOf(value), NOW)).toBe(since);
  });

  it.each([undefined, "", "1y", "__proto__"])("is a day where the page asks for %s", (value) => {
    expect(spanOf(value).value).toBe("24h");
  });
});
