/** Long sentences on lines that a terminal need not break in the middle of a word. */
import { widthOf } from "./text-width.ts";

/** @returns lines of whole words; a word that is longer than `width` has a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/**
 * One sentence with blanks before each of its lines.
 * @param width columns of the terminal; undefined: all on one line, for whoever reads a pipe.
 */
export function indentWords(
  text: string,
  first: string,
  rest: string,
  width: number | undefined,
): string {
  const lines = width === undefined ? [text] : wrapWords(text, Math.max(1, width - rest.length));
  return lines.map((line, index) => `${index === 0 ? first : rest}${line}`).join("\n");
}
