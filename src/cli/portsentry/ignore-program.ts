/**
 * The commands `portsentry-add-ip` and `portsentry-rm-ip`.
 *
 * They end with 0 when the list is as it was wanted, also when it was so before, with 255 for words
 * that name no address, as Debian's do, and otherwise as `vedette` does.
 */
import { EXIT_STATUS, OperationalError } from "../../errors.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { parsePrefix } from "../../net/prefix.ts";
import type { CliContext } from "../context.ts";
import { print, printError } from "../printable.ts";
import { addIgnored, IGNORE_STATIC_PATH, removeIgnored } from "./ignore-static.ts";

export type IgnoreCommand = "portsentry-add-ip" | "portsentry-rm-ip";

/** What a shell makes of the -1 that a Perl script dies with. */
const WRONG_WORDS = 255;

/**
 * @param words without the program's name.
 * @returns the exit status. A bug is not caught: it throws.
 */
export function runIgnoreCommand(
  command: IgnoreCommand,
  words: readonly string[],
  context: CliContext,
): number {
  const isAdding = command === "portsentry-add-ip";
  const [word, ...others] = words;
  if (word === undefined || word.startsWith("-") || others.length > 1) {
    const act = isAdding ? "Adds an address or prefix to" : "Takes an address or prefix from";
    printError(
      context,
      `usage: ${command} ADDRESS[/BITS] [FILE]\n${act} FILE (default: ${IGNORE_STATIC_PATH}).`,
    );
    return WRONG_WORDS;
  }
  const prefix = parsePrefix(word);
  if (prefix === undefined) {
    printError(context, `${command}: ${escapeInvisible(word)} is no address and no prefix`);
    return WRONG_WORDS;
  }
  const path = others[0] ?? IGNORE_STATIC_PATH;
  try {
    const change = isAdding ? addIgnored(path, prefix, word) : removeIgnored(path, prefix);
    print(context, `${word} ${sentenceEnd(isAdding, change)} ${escapeInvisible(path)}.`);
    return 0;
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    printError(context, `${command}: ${error.message}`);
    return EXIT_STATUS[error.code];
  }
}

function sentenceEnd(isAdding: boolean, change: "changed" | "already"): string {
  if (change === "changed") return isAdding ? "is added to" : "is taken from";
  return isAdding ? "stands already in" : "does not stand in";
}
