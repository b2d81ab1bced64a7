/**
 * What a shell line or a script uses: which programs it starts, which files it reads and writes.
 *
 * A guess for advice, never for a decision: variables are not followed, and what a program does
 * with its arguments is known of a few. It takes too much rather than too little, and never fails.
 */

/** A program by the name it was called by, without its folder, and its arguments. */
export interface ShellCommand {
  readonly program: string;
  readonly words: readonly string[];
}

export interface ShellUses {
  readonly commands: readonly ShellCommand[];
  /** Absolute paths that are run, read, or given to a program that may do either. */
  readonly reads: readonly string[];
  /** Absolute paths that are written, made or removed. */
  readonly writes: readonly string[];
}

/** Words before a command that are none of it. */
const KEYWORDS = new Set("! if then elif else while until do time exec nohup command".split(" "));

/** Programs that start the program that their first other argument names. */
const STARTERS = new Set("env nice ionice setsid timeout xargs sudo doas stdbuf chrt".split(" "));

/** Programs that write every file that they are given. */
const WRITERS = new Set(
  "touch mkdir rm rmdir tee truncate chmod chown chgrp mv mktemp shred unlink".split(" "),
);

/** Programs that write the last file that they are given. */
const COPIERS = new Set("cp ln install rsync scp".split(" "));

/** A quoted or escaped word, a redirection, what ends a command, a comment, or blanks. */
const TOKEN =
  /(?<comment>(?<=^|[\s;])#[^\n]*)|(?<redirect>(?:\d|&)?>>?[|&]?|<)|(?<end>[;&|\n(){}`]+)|(?<blank>[ \t\r]+|\\\n)|(?<word>(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s;&|(){}`<>"'\\]|["'\\])+)/gs;

/** @param text a line of KILL_RUN_CMD, or a script of the shell. */
export function usesOf(text: string): ShellUses {
  const commands: ShellCommand[] = [];
  const reads: string[] = [];
  const writes: string[] = [];
  let words: string[] = [];
  let redirect = "";
  const end = (): void => {
    for (const command of commandsIn(words)) commands.push(command);
    words = [];
  };
  for (const { groups = {} } of text.matchAll(TOKEN)) {
    if (groups["end"] !== undefined) end();
    else if (groups["redirect"] !== undefined) redirect = groups["redirect"];
    else if (groups["word"] !== undefined) {
      const word = unquote(groups["word"]);
      if (redirect === "") words.push(word);
      else (redirect === "<" ? reads : writes).push(...pathsIn(word));
      redirect = "";
    }
  }
  end();
  for (const { program, words } of commands) {
    const paths = words.slice(1).flatMap(pathsIn);
    reads.push(...pathsIn(words[0] ?? ""), ...paths);
    writes.push(...writtenBy(program, words, paths));
  }
  return { commands, reads: [...new Set(reads)], writes: [...new Set(writes)] };
}

/** A starter and what it starts are two commands. */
function commandsIn(words: readonly string[]): ShellCommand[] {
  const first = words.findIndex((word) => !KEYWORDS.has(word) && !/^\w+=/.test(word));
  const own = first < 0 ? [] : words.slice(first);
  const program = own[0]?.split("/").at(-1);
  if (program === undefined) return [];
  const command = { program, words: own };
  if (!STARTERS.has(program)) return [command];
  const next = own.findIndex((word, at) => at > 0 && !/^(?:-|\d|\w+=)/.test(word));
  return next < 0 ? [command] : [command, ...commandsIn(own.slice(next))];
}

function writtenBy(program: string, words: readonly string[], paths: readonly string[]): string[] {
  if (WRITERS.has(program)) return [...paths];
  if (COPIERS.has(program)) return paths.slice(-1);
  const isInPlace = words.some((word) => /^(?:-[a-zA-Z]*i|--in-place)/.test(word));
  if (/^(?:sed|perl)$/.test(program) && isInPlace) return [...paths];
  return program === "dd" ? words.filter((word) => word.startsWith("of=")).flatMap(pathsIn) : [];
}

/** The absolute path that a word is or, after an equals sign, ends in; "~" is root's. */
function pathsIn(word: string): string[] {
  const path = word
    .replace(/^(?:of|if|-{1,2}[\w-]+)=/, "")
    .replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/|$)/, "/root");
  return path.startsWith("/") ? [path] : [];
}

function unquote(word: string): string {
  return word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, (_, double, single, escaped) =>
    (double ?? single ?? escaped).replace(/\\(.)/gs, "$1"),
  );
}
