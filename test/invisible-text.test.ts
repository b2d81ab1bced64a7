import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeInvisible } from "../src/invisible-text.ts";

describe("escapeInvisible", () => {
  it.each([
    { text: "plain, and ünïcödé 漢字", expected: "plain, and ünïcödé 漢字" },
    { text: "a\r\nb", expected: "a\\x0d\\x0ab" },
    { text: "\u001b]0;title\u0007", expected: "\\x1b]0;title\\x07" },
    { text: "\u009b2J", expected: "\\x9b2J" },
    { text: "\u202E7.2.0.291", expected: "\\u{202e}7.2.0.291" },
    { text: "a\u2028b", expected: "a\\u{2028}b" },
    { text: "\u{E0041}", expected: "\\u{e0041}" },
  ])("writes $text as $expected", ({ text, expected }) => {
    expect(escapeInvisible(text)).toBe(expected);
  });

  it("lets no control character through", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeInvisible(text)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });
});
