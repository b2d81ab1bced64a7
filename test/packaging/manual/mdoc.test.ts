import { describe, expect, it } from "vitest";
import { argument, literalBlock, paragraphs, prose } from "../../../packaging/manual/mdoc.ts";

describe("prose", () => {
  it.each([
    { text: "One. Two", lines: ["One.", "Two"] },
    { text: 'He said "so." And went', lines: ['He said "so."', "And went"] },
    { text: "one of 1.2 and 2.x", lines: ["one of 1.2 and 2.x"] },
    { text: "see `vedette bans --json`", lines: ["see \\fBvedette bans \\-\\-json\\fP"] },
    { text: ".static is read", lines: ["\\&.static is read"] },
    { text: "'tis \\n ~/x ^", lines: ["\\(aqtis \\en \\(ti/x \\(ha"] },
    { text: "two … more", lines: ["two \\[u2026] more"] },
    { text: "see [HEALTH.md](HEALTH.md#x)", lines: ["see HEALTH.md"] },
    { text: "a\n b", lines: ["a b"] },
  ])("writes $text so that it is read as it stands", ({ text, lines }) => {
    expect(prose(text)).toEqual(lines);
  });

  it.each([
    { what: "of 78 columns as one", text: `${"a".repeat(76)} b`, count: 1 },
    { what: "of 79 columns as two", text: `${"a".repeat(77)} b`, count: 2 },
  ])("writes a line $what", ({ text, count }) => {
    expect(prose(text)).toHaveLength(count);
  });
});

describe("paragraphs", () => {
  it("parts what a blank line parts", () => {
    expect(paragraphs("\none\n\n\ntwo\n")).toEqual(["one", ".Pp", "two"]);
  });
});

describe("argument", () => {
  it.each([
    { text: "file", written: "file" },
    { text: 'a "b"', written: '"a \\(dqb\\(dq"' },
    { text: "|", written: "\\&|" },
    { text: "Ar", written: "\\&Ar" },
    { text: "", written: '""' },
  ])("writes $text as one word", ({ text, written }) => {
    expect(argument(text)).toBe(written);
  });
});

describe("literalBlock", () => {
  it("keeps the lines apart, and a dot at their beginning", () => {
    expect(literalBlock(".a\n\nb\n")).toEqual([
      ".Bd -literal -offset indent",
      "\\&.a",
      "",
      "b",
      ".Ed",
    ]);
  });
});
