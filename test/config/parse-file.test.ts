import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfigFile } from "../../src/config/parse-file.ts";

describe("parseConfigFile", () => {
  it.each([
    { what: "no blanks", text: 'TCP_MODE="atcp"', value: "atcp" },
    { what: "blanks around the equals sign, as Debian writes it", text: 'A = "0"', value: "0" },
    { what: "leading blanks", text: ' \tA="0"', value: "0" },
    { what: "an empty value", text: 'A=""', value: "" },
    { what: "a comment after the value", text: 'A="0" # no', value: "0" },
    { what: "a comment right after the value", text: 'A="0"#no', value: "0" },
    { what: "a # inside the value", text: 'A="a # b"', value: "a # b" },
    { what: "blanks inside the quotes", text: 'A=" a "', value: " a " },
    { what: "a tab inside the quotes", text: 'A="a\tb"', value: "a\tb" },
    { what: "an equals sign inside the value", text: 'A="b=c"', value: "b=c" },
    { what: "trailing blanks", text: 'A="0"  ', value: "0" },
    { what: "a carriage return at the end", text: 'A="0"\r', value: "0" },
    { what: "a byte order mark", text: '\uFEFFA="0"', value: "0" },
  ])("reads a setting with $what", ({ text, value }) => {
    const parsed = parseConfigFile(text);
    expect(parsed.faults).toEqual([]);
    expect(parsed.entries.map((entry) => entry.value)).toEqual([value]);
  });

  it("counts lines from 1 and keeps repeated keys, whatever the line ends", () => {
    const text = '# first\r\nA="1"\r\n\r\n  # indented comment\nB="2"\nA="3"\n';
    expect(parseConfigFile(text)).toEqual({
      entries: [
        { key: "A", value: "1", line: 2 },
        { key: "B", value: "2", line: 5 },
        { key: "A", value: "3", line: 6 },
      ],
      faults: [],
    });
  });

  it.each([
    { text: "A=1", fault: 'A: the value must stand in quotes: A="value"' },
    { text: "A=", fault: 'A: the value must stand in quotes: A="value"' },
    { text: "A='1'", fault: 'A: the value must stand in double quotes, not single ones: A="1"' },
    {
      text: "A = '' # b",
      fault: 'A: the value must stand in double quotes, not single ones: A=""',
    },
    { text: "A='1", fault: 'A: the value must stand in double quotes, not single ones: A="value"' },
    {
      text: `A='say "1"'`,
      fault: 'A: the value must stand in double quotes, not single ones: A="value"',
    },
    { text: 'A="1', fault: "A: the closing quote is missing" },
    { text: 'A="', fault: "A: the closing quote is missing" },
    {
      text: 'A="1" B="2"',
      fault: "A: only a comment that begins with # may follow the closing quote",
    },
    {
      text: 'A="1""',
      fault: "A: only a comment that begins with # may follow the closing quote",
    },
    { text: 'A "1"', fault: 'expected KEY="value" or a comment that begins with #' },
    { text: '="1"', fault: 'expected KEY="value" or a comment that begins with #' },
    { text: 'A-B="1"', fault: 'expected KEY="value" or a comment that begins with #' },
    { text: "[section]", fault: 'expected KEY="value" or a comment that begins with #' },
    { text: 'A="a\u0000b"', fault: "A: the value holds a control character" },
    { text: 'A="a\u001b[2J"', fault: "A: the value holds a control character" },
    { text: 'A="a\u009bb"', fault: "A: the value holds a control character" },
  ])("tells what is wrong with $text", ({ text, fault }) => {
    expect(parseConfigFile(`\n${text}\n`)).toEqual({
      entries: [],
      faults: [{ line: 2, text: fault }],
    });
  });

  it("tells every fault and reads every good line beside them", () => {
    const parsed = parseConfigFile('A=1\nB="2"\nnonsense\nC="3"');
    expect(parsed.faults.map((fault) => fault.line)).toEqual([1, 3]);
    expect(parsed.entries.map((entry) => entry.key)).toEqual(["B", "C"]);
  });

  it("reads back every value that a file can hold", () => {
    const value = fc.string().filter((text) => !/["\p{Cc}]/u.test(text));
    fc.assert(
      fc.property(value, (text) => {
        expect(parseConfigFile(`KEY="${text}"`).entries[0]?.value).toBe(text);
      }),
    );
  });

  it("never throws, and makes at most one entry or fault of a line", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AB_="# \r\n\t\u0000é') }), (text) => {
        const { entries, faults } = parseConfigFile(text);
        expect(entries.length + faults.length).toBeLessThanOrEqual(text.split("\n").length);
      }),
    );
  });
});
