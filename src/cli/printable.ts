/**
 * Keeps a terminal safe from texts that others wrote.
 *
 * Reasons, names and error messages can hold what an attacker sent: a line end forges a row, an
 * escape sequence moves the cursor, a direction mark (U+202E) shows an address backwards.
 */
import type { CliContext } from "./context.ts";

const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** `text` on one line, with everything that cannot be seen as \xNN or \u{N}. */
export function escapeInvisible(text: string): string {
  return text.replace(INVISIBLE, escapeCharacter);
}

/** Writes a finished text of several lines, a line end added; line ends in it are ours. */
export function print(context: CliContext, text: string): void {
  context.write(`${escapeLines(text)}\n`);
}

/** The same on the standard error. */
export function printError(context: CliContext, text: string): void {
  context.writeError(`${escapeLines(text)}\n`);
}

/** Writes what a program reads: exactly the API's body, on one line. */
export function printJson(context: CliContext, view: unknown): void {
  context.write(`${JSON.stringify(view)}\n`);
}

function escapeLines(text: string): string {
  return text.split("\n").map(escapeInvisible).join("\n");
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
