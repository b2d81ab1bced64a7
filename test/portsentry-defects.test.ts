/**
 * Holds docs/PORTSENTRY-DEFECTS.md against the tests that it names.
 *
 * A test is named by its file and its title as it stands in the source, placeholders included; a
 * case of a table of cases by a piece of that file's text. A test that is switched off counts as
 * none.
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const DOCUMENT = "docs/PORTSENTRY-DEFECTS.md";
const CANNOT_HAPPEN = "none: it cannot happen";

/** A title is the first argument of a call whose second is a function, or options. */
const TITLE =
  /(?<call>\b[\w.]+|\))\(\s*(?<quote>["'`])(?<title>(?:(?!\k<quote>)[^\n\\]|\\.)+)\k<quote>,\s*(?:async\b|\(|\{)/g;
const NO_TEST = /^describe|\.(?:skip|todo)$/;

/** `file`: "title" (`case`) */
const NAMED = /^`(?<file>test\/[^`]+\.test\.ts)`: "(?<title>.+?)"(?: \(`(?<row>[^`]+)`\))?$/;

interface Row {
  readonly name: string;
  /** Cells behind the name: defect, what Vedette does, tests. */
  readonly cells: readonly string[];
}

interface NamedTest {
  readonly file: string;
  readonly title: string;
  /** A piece of the file's text. */
  readonly row: string | undefined;
}

const rows: Row[] = readFileSync(DOCUMENT, "utf8")
  .split("\n")
  .filter((line) => /^\| [BC]\d+ \|/.test(line))
  .map((line) => {
    const [name = "", ...cells] = line.slice(1, -1).split("|");
    return { name: name.trim(), cells: cells.map((cell) => cell.trim()) };
  });

function titlesIn(text: string): Set<string> {
  return new Set(
    [...text.matchAll(TITLE)]
      .filter(({ groups }) => !NO_TEST.test(groups?.["call"] ?? ""))
      .map(({ groups }) => groups?.["title"] ?? ""),
  );
}

function parseNamed(entry: string): NamedTest | undefined {
  const { file, title, row } = NAMED.exec(entry)?.groups ?? {};
  return file === undefined || title === undefined ? undefined : { file, title, row };
}

/** @returns what is wrong with an entry of the last column, in words. */
function faultOf(entry: string): string | undefined {
  const named = parseNamed(entry);
  if (named === undefined) return `not a file and a title: ${entry}`;
  const { file, title, row } = named;
  if (!existsSync(file)) return `no such file: ${file}`;
  const text = readFileSync(file, "utf8");
  if (!titlesIn(text).has(title)) return `no such test in ${file}: ${title}`;
  if (row !== undefined && !text.includes(row)) return `no such case in ${file}: ${row}`;
  return undefined;
}

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

describe(DOCUMENT, () => {
  it.each([
    { letter: "B", least: 21 },
    { letter: "C", least: 21 },
  ])("has a row for each number of $letter, in order", ({ letter, least }) => {
    const names = rows.map(({ name }) => name).filter((name) => name.startsWith(letter));
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(names).toEqual(names.map((_, index) => `${letter}${index + 1}`));
  });

  it.each(rows)(
    "$name says what goes wrong, what is done, and which tests show it",
    ({ cells }) => {
      expect(cells).toHaveLength(3);
      expect(cells.filter((cell) => cell === "")).toEqual([]);
      const [, , tests = ""] = cells;
      if (tests === CANNOT_HAPPEN) return;
      expect(
        tests
          .split("<br>")
          .map(faultOf)
          .filter((fault) => fault !== undefined),
      ).toEqual([]);
    },
  );

  it("says of no more than two defects that they cannot happen", () => {
    const free = rows.filter(({ cells }) => cells[2] === CANNOT_HAPPEN);
    expect(free.length).toBeLessThanOrEqual(2);
  });
});
