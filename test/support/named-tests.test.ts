/** What holds documents against tests is tested itself: it must miss no fault. */
import { describe, expect, it } from "vitest";
import { faultsOf, titlesIn } from "./named-tests.ts";

const OWN = "test/support/named-tests.test.ts";

/** Stands nowhere in this file. */
const ABSENT = ["a", "case"].join(" without ");

describe("titlesIn", () => {
  it.each([
    { text: 'it("does", () => {', titles: ["does"] },
    { text: "it(`does`, async () => {", titles: ["does"] },
    { text: '])(\n    "$a does",\n    async ({ a }) => {', titles: ["$a does"] },
    { text: 'it("does", { timeout: 1 }, () => {', titles: ["does"] },
    { text: 'it.skipIf(!isRoot)("does", () => {', titles: ["does"] },
    { text: 'it.skip("does", () => {', titles: [] },
    { text: 'describe("Thing", () => {', titles: [] },
    { text: 'describeLive("thing", ["nmap"], () => {', titles: [] },
    { text: 'expect(text).toBe("does");', titles: [] },
  ])("finds $titles in $text", ({ text, titles }) => {
    expect([...titlesIn(text)]).toEqual(titles);
  });
});

describe("faultsOf", () => {
  const good = `\`${OWN}\`: "tells what is wrong with $cell"`;
  it.each([
    { cell: good, faults: [] },
    { cell: `${good} (\`faults: []\`)<br>${good}`, faults: [] },
    { cell: "", faults: ["not a file and a title: "] },
    { cell: "`test/x.ts`: no title", faults: ["not a file and a title: `test/x.ts`: no title"] },
    { cell: '`test/no.test.ts`: "x"', faults: ["no such file: test/no.test.ts"] },
    { cell: `\`${OWN}\`: "flies"`, faults: [`no such test in ${OWN}: flies`] },
    {
      cell: `${good} (\`${ABSENT}\`)<br>${good}`,
      faults: [`no such case in ${OWN}: ${ABSENT}`],
    },
  ])("tells what is wrong with $cell", ({ cell, faults }) => {
    expect(faultsOf(cell)).toEqual(faults);
  });
});
