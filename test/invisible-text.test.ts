import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeVisibleJson, escapeInvisible } from "../src/invisible-text.ts";

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

describe("encodeVisibleJson", () => {
  it.each([
    { what: "a C1 sequence", text: "\u009b2J", shown: '"\\u009b2J"' },
    { what: "a delete", text: "a\u007f", shown: '"a\\u007f"' },
    { what: "a direction mark", text: "\u202e7", shown: '"\\u202e7"' },
    { what: "both halves of a pair", text: "\u{E0041}", shown: '"\\udb40\\udc41"' },
    { what: "nothing of what can be seen", text: 'ü 漢 "', shown: '"ü 漢 \\""' },
  ])("escapes $what", ({ text, shown }) => {
    expect(encodeVisibleJson(text)).toBe(shown);
  });

  it("is the same value to a reader, in names and texts, and has nothing that cannot be seen", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        const json = encodeVisibleJson(value);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });
});
