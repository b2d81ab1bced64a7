/**
 * Splits a shell line into commands and words, when it is simple enough to know what it does.
 *
 * Simple are commands one after another (";") or on success ("&&"), with words that mean the same
 * in every run: quotes and backslashes are understood (POSIX, Shell Command Language, 2.2), and
 * everything else that a shell acts upon (pipes, redirections, substitutions, globs, comments,
 * background, "||") gives undefined, because what is rewritten must be understood whole. The
 * tokens $TARGET$, $PORT$ and $MODE$ are plain text here, as their values are.
 */

/** A word as it was written, and as the command gets it. */
export interface ShellWord {
  readonly text: string;
  readonly value: string;
}

/** At least one word; the first names the program. */
export type SimpleCommand = readonly [ShellWord, ...ShellWord[]];

const TOKEN = /\$(?:TARGET|PORT|MODE)\$/y;
const BLANKS = /[ \t]+/y;
const SEPARATOR = /;(?!;)|&&/y;
/** What means nothing to a shell outside of quotes. */
const PLAIN = /[^\s\0$`"'\\|&;<>()*?[]/y;
const SINGLE_QUOTED = /'([^']*)'/y;
const DOUBLE_QUOTED = /"((?:[^"\\$`]|\\.|\$(?:TARGET|PORT|MODE)\$)*)"/y;
const ESCAPED = /\\(.)/y;

/** @returns undefined when the line is empty, more than one line, or not simple. */
export function parseCommands(line: string): readonly SimpleCommand[] | undefined {
  if (/[\0\r\n]/.test(line)) return undefined;
  const commands: SimpleCommand[] = [];
  let words: ShellWord[] = [];
  let mustGoOn = true;
  let at = 0;
  while (at < line.length) {
    const separator = match(SEPARATOR, line, at);
    const blanks = match(BLANKS, line, at);
    if (blanks !== undefined) at += blanks[0].length;
    else if (separator !== undefined) {
      const [program, ...others] = words;
      if (program === undefined) return undefined;
      commands.push([program, ...others]);
      words = [];
      mustGoOn = separator[0] === "&&";
      at += separator[0].length;
    } else {
      const word = parseWord(line, at);
      if (word === undefined) return undefined;
      words.push(word);
      at += word.text.length;
    }
  }
  const [program, ...others] = words;
  if (program !== undefined) commands.push([program, ...others]);
  else if (mustGoOn) return undefined;
  return commands;
}

/** What a command says elsewhere: "> /dev/null 2>&1", ">> /var/log/hooks". */
const REDIRECTIONS = /(?:\s*(?:[12]?>>?\s*[\w./-]+|[12]?>&[12]))+\s*$/;

/** A part of a line, and what it does where that is simple enough. */
export interface LinePart {
  readonly text: string;
  readonly command: SimpleCommand | undefined;
}

/**
 * Splits a line at ";" and "&&" outside of quotes, so that a part that is not simple hides no other.
 * Where a simple command's output goes does not matter.
 * @returns undefined when the line is empty or more than one, or a quote is left open.
 */
export function parseParts(line: string): readonly LinePart[] | undefined {
  if (/[\0\r\n]/.test(line) || line.trim() === "") return undefined;
  const texts: string[] = [];
  let from = 0;
  let at = 0;
  while (at < line.length) {
    const separator = match(SEPARATOR, line, at);
    const quoted = match(SINGLE_QUOTED, line, at) ?? match(DOUBLE_QUOTED, line, at);
    if (separator !== undefined) {
      texts.push(line.slice(from, at));
      at += separator[0].length;
      from = at;
    } else if (/['"]/.test(line[at] ?? "") && quoted === undefined) return undefined;
    else at += quoted?.[0].length ?? (line[at] === "\\" ? 2 : 1);
  }
  texts.push(line.slice(from));
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text) => ({ text, command: soleCommandOf(text) }));
}

function soleCommandOf(text: string): SimpleCommand | undefined {
  const commands = parseCommands(text) ?? parseCommands(text.replace(REDIRECTIONS, ""));
  return commands?.length === 1 ? commands[0] : undefined;
}

/** Reads the word that begins at `start`. @returns undefined when it is not simple. */
function parseWord(line: string, start: number): ShellWord | undefined {
  let at = start;
  let value = "";
  let hasBrace = false;
  while (at < line.length) {
    const piece = parsePiece(line, at);
    if (piece === undefined) break;
    hasBrace ||= piece.text === "{";
    value += piece.value;
    at += piece.text.length;
  }
  const text = line.slice(start, at);
  // Where the word ends, a blank or a separator must stand, or it is something that a shell reads.
  const isWhole =
    at === line.length || /[ \t]/.test(line[at] ?? "") || matches(SEPARATOR, line, at);
  if (text === "" || !isWhole || /^[~#]/.test(text)) return undefined;
  // Some shells make several words of {a,b} and {1..3}.
  if (hasBrace && /,|\.\./.test(value)) return undefined;
  return { text, value };
}

function parsePiece(line: string, at: number): ShellWord | undefined {
  const single = match(SINGLE_QUOTED, line, at);
  if (single !== undefined) return { text: single[0], value: single[1] ?? "" };
  const double = match(DOUBLE_QUOTED, line, at);
  if (double !== undefined) {
    // There a backslash keeps its place before all but these four.
    return { text: double[0], value: (double[1] ?? "").replace(/\\([$`"\\])/g, "$1") };
  }
  const escaped = match(ESCAPED, line, at);
  if (escaped !== undefined) return { text: escaped[0], value: escaped[1] ?? "" };
  const plain = match(TOKEN, line, at) ?? match(PLAIN, line, at);
  return plain === undefined ? undefined : { text: plain[0], value: plain[0] };
}

function match(expression: RegExp, line: string, at: number): RegExpExecArray | undefined {
  expression.lastIndex = at;
  return expression.exec(line) ?? undefined;
}

function matches(expression: RegExp, line: string, at: number): boolean {
  return match(expression, line, at) !== undefined;
}
