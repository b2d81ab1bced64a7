import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitOptions } from "../../../src/cli/portsentry/split-options.ts";

const SPECS = [
  { name: "verbose", letter: "v", takesValue: false },
  { name: "version", letter: "V", takesValue: false },
  { name: "daemon", letter: "D", takesValue: false },
  { name: "interface", letter: "i", takesValue: true },
  { name: "stealth", takesValue: false },
  { name: "log", takesValue: true },
  { name: "logoutput", letter: "l", takesValue: true },
];

/** "name=value" for each option, then the operands; or what is wrong. */
function split(line: string): string[] | string {
  const result = splitOptions(line === "" ? [] : line.split(" "), SPECS);
  if (result.status === "fault") return result.text;
  return [
    ...result.options.map(({ name, value }) => (value === "" ? name : `${name}=${value}`)),
    ...result.operands,
  ];
}

describe("splitOptions", () => {
  it.each([
    { line: "", expected: [] },
    { line: "-v", expected: ["verbose"] },
    { line: "-vD", expected: ["verbose", "daemon"] },
    { line: "-i eth0", expected: ["interface=eth0"] },
    { line: "-ieth0", expected: ["interface=eth0"] },
    { line: "-vieth0", expected: ["verbose", "interface=eth0"] },
    { line: "-i -v", expected: ["interface=-v"] },
    { line: "-i -- -v", expected: ["interface=--", "verbose"] },
    { line: "--interface eth0", expected: ["interface=eth0"] },
    { line: "--interface=eth0", expected: ["interface=eth0"] },
    { line: "--interface=a=b", expected: ["interface=a=b"] },
    { line: "--int=eth0", expected: ["interface=eth0"] },
    { line: "--stea", expected: ["stealth"] },
    { line: "--log x", expected: ["log=x"] },
    { line: "--logo x", expected: ["logoutput=x"] },
    { line: "-i a -i b", expected: ["interface=a", "interface=b"] },
    { line: "a -v b", expected: ["verbose", "a", "b"] },
    { line: "-v -- -D --x", expected: ["verbose", "-D", "--x"] },
    { line: "-", expected: ["-"] },
  ])("splits $line into $expected", ({ line, expected }) => {
    expect(split(line)).toEqual(expected);
  });

  it.each([
    { line: "-x", text: "unknown option -x" },
    { line: "-vx", text: "unknown option -x" },
    { line: "--nothing", text: "unknown option --nothing" },
    { line: "--ver", text: "--ver may be any of --verbose, --version" },
    { line: "--stealth=1", text: "--stealth takes no value" },
    { line: "--interface", text: "--interface needs a value" },
    { line: "-v -i", text: "-i needs a value" },
  ])("says of $line: $text", ({ line, text }) => {
    expect(split(line)).toBe(text);
  });

  it("never throws, and never loses an operand behind --", () => {
    const word = fc.string({ unit: fc.constantFrom(..."-ivDl=ae") });
    fc.assert(
      fc.property(fc.array(word), fc.array(word), (before, after) => {
        const result = splitOptions(
          [...before.filter((each) => each !== "--"), "-v", "--", ...after],
          SPECS,
        );
        if (result.status === "ok")
          expect(result.operands.slice(-after.length || Infinity)).toEqual(after);
      }),
    );
  });
});
