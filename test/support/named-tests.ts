/**
 * Tables of a document whose last column names the tests that show what a row says, read and held
 * against the tests that there are.
 *
 * A test is named by its file and its title as it stands in the source, placeholders included; a
 * case of a table of cases by a piece of that file's text. A test that is switched off counts as
 * none.
 */
import { existsSync, readFileSync } from "node:fs";

/** A title is the first argument of a call whose second is a function, or options. */
const TITLE =
  /(?<call>\b[\w.]+|\))\(\s*(?<quote>["'`])(?<title>(?:(?!\k<quote>)[^\n\\]|\\.)+)\k<quote>,\s*(?:async\b|\(|\{)/g;
const NO_TEST = /^describe|\.(?:skip|todo)$/;

/** `file`: "title" (`case`) */
const NAMED = /^`(?<file>test\/[^`]+\.test\.ts)`: "(?<title>.+?)"(?: \(`(?<row>[^`]+)`\))?$/;

export interface Row {
  /** A letter and a number: "B12". */
  readonly name: string;
  /** Cells behind the name. */
  readonly cells: readonly string[];
}

/** @returns rows whose first cell is one of these letters and a number, in their order. */
export function rowsOf(document: string, letters: string): readonly Row[] {
  const begins = new RegExp(`^\\| [${letters}]\\d+ \\|`);
  return readFileSync(document, "utf8")
    .split("\n")
    .filter((line) => begins.test(line))
    .map((line) => {
      const [name = "", ...cells] = line.slice(1, -1).split("|");
      return { name: name.trim(), cells: cells.map((cell) => cell.trim()) };
    });
}

/** @returns names of the rows of a letter as they stand, and as they would if none was left out. */
export function numbering(rows: readonly Row[], letter: string) {
  const names = rows.map(({ name }) => name).filter((name) => name.startsWith(letter));
  return { names, expected: names.map((_, index) => `${letter}${index + 1}`) };
}

export function titlesIn(text: string): Set<string> {
  return new Set(
    [...text.matchAll(TITLE)]
      .filter(({ groups }) => !NO_TEST.test(groups?.["call"] ?? ""))
      .map(({ groups }) => groups?.["title"] ?? ""),
  );
}

/** @returns what is wrong with the tests that a cell names, in words; nothing when all are there. */
export function faultsOf(cell: string): string[] {
  return cell.split("<br>").flatMap((entry) => faultOf(entry) ?? []);
}

function faultOf(entry: string): string | undefined {
  const { file, title, row } = NAMED.exec(entry)?.groups ?? {};
  if (file === undefined || title === undefined) return `not a file and a title: ${entry}`;
  if (!existsSync(file)) return `no such file: ${file}`;
  const text = readFileSync(file, "utf8");
  if (!titlesIn(text).has(title)) return `no such test in ${file}: ${title}`;
  if (row !== undefined && !text.includes(row)) return `no such case in ${file}: ${row}`;
  return undefined;
}
