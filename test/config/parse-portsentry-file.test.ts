import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfigFile } from "../../src/config/parse-file.ts";
import { parsePortsentryFile } from "../../src/config/parse-portsentry-file.ts";

describe("parsePortsentryFile", () => {
  it.each([
    { what: "no blanks", text: 'A="0"', value: "0" },
    { what: "blanks around the equals sign, as Debian writes it", text: 'A = "0"', value: "0" },
    { what: "a carriage return at the end", text: 'A="0"\r', value: "0" },
    { what: "a comment after the value", text: 'A="0" # no', value: "0" },
    { what: "a comment with quotes after the value", text: 'A="0" # not "1"', value: "0" },
    { what: "an empty value", text: 'A=""', value: "" },
    { what: "a tab in the value", text: 'A="a\tb"', value: "a\tb" },
    { what: "a byte order mark", text: '\uFEFFA="0"', value: "0" },
  ])("reads a setting with $what and has nothing to say of it", ({ text, value }) => {
    expect(parsePortsentryFile(text)).toEqual({
      entries: [{ key: "A", value, line: 1, remarks: [] }],
      unreadLines: [],
    });
  });

  const blank = "PortSentry passes over a line that begins with a blank; here it is read";
  const unquoted = "not read, as in PortSentry: the value does not stand in quotes";
  it.each([
    { text: 'A="1', value: "1", remarks: ["the closing quote is missing"] },
    { text: 'A="1  ', value: "1", remarks: ["the closing quote is missing"] },
    { text: 'A="', value: "", remarks: ["the closing quote is missing"] },
    {
      text: 'A="1" and more',
      value: "1",
      remarks: ["the text after the closing quote is not read"],
    },
    { text: 'A="1" B="2"', value: "1", remarks: ["the text after the closing quote is not read"] },
    { text: 'A "1"', value: "1", remarks: ["the equals sign is missing"] },
    { text: 'A\t"1"', value: "1", remarks: ["the equals sign is missing"] },
    { text: 'A=b"1"', value: "1", remarks: ["the text before the quote is not read"] },
    {
      text: 'A="1\u00072"',
      value: "1",
      remarks: ["the value is read up to the control character"],
    },
    { text: ' A="1"', value: "1", remarks: [blank] },
    { text: '\tA="1', value: "1", remarks: [blank, "the closing quote is missing"] },
    { text: "A=1", value: undefined, remarks: [unquoted] },
    { text: "A='1'", value: undefined, remarks: [unquoted] },
    { text: "A=", value: undefined, remarks: [unquoted] },
    { text: "A 1", value: undefined, remarks: [unquoted] },
  ])("reads $text as $value and says $remarks", ({ text, value, remarks }) => {
    expect(parsePortsentryFile(`\n${text}\n`)).toEqual({
      entries: [{ key: "A", value, line: 2, remarks }],
      unreadLines: [],
    });
  });

  it.each(["[section]", '="1"', 'A-B="1"', "word", '"A"="1"'])("does not read %s", (text) => {
    expect(parsePortsentryFile(`# first\n${text}\n`)).toEqual({ entries: [], unreadLines: [2] });
  });

  it("passes over empty lines and comments, indented ones too", () => {
    expect(parsePortsentryFile("\n   \n#A=1\n  # A=1\n\r\n").entries).toEqual([]);
  });

  it("counts lines from 1 and keeps repeated keys", () => {
    const { entries } = parsePortsentryFile('A="1"\r\n\r\nA="2"');
    expect(entries.map(({ line, value }) => [line, value])).toEqual([
      [1, "1"],
      [3, "2"],
    ]);
  });

  const anyText = fc.string({ unit: fc.constantFrom(...'AB_="#1 \r\n\t\u0000é') });

  it("never throws, and makes at most one thing of a line", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { entries, unreadLines } = parsePortsentryFile(text);
        expect(entries.length + unreadLines.length).toBeLessThanOrEqual(text.split("\n").length);
      }),
    );
  });

  it("reads whatever the strict parser reads, with the same key and value", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const mild = parsePortsentryFile(text).entries;
        for (const entry of parseConfigFile(text).entries) {
          expect(mild).toContainEqual(expect.objectContaining(entry));
        }
      }),
    );
  });

  it("never gives a value with a control character but a tab", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const { value } of parsePortsentryFile(text).entries) {
          expect(value ?? "").not.toMatch(/[^\P{Cc}\t]/u);
        }
      }),
    );
  });
});
