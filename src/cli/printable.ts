/** Keeps a terminal safe from texts that others wrote. */
import { encodeVisibleJson, escapeInvisible } from "../invisible-text.ts";
import type { CliContext } from "./context.ts";

/** Writes a finished text of several lines, a line end added; line ends in it are ours. */
export function print(context: CliContext, text: string): void {
  context.write(`${escapeLines(text)}\n`);
}

/** The same on the standard error. */
export function printError(context: CliContext, text: string): void {
  context.writeError(`${escapeLines(text)}\n`);
}

/**
 * Writes what a program reads, the API's body, on one line. A person may look at it, too: what
 * cannot be seen is in JSON's notation.
 */
export function printJson(context: CliContext, view: unknown): void {
  context.write(`${encodeVisibleJson(view)}\n`);
}

function escapeLines(text: string): string {
  return text.split("\n").map(escapeInvisible).join("\n");
}
