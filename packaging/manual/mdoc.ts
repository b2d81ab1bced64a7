/**
 * Pieces of a manual page in mdoc(7).
 *
 * Texts come from help texts and Markdown: what mdoc would take for a request is escaped, a word
 * between backquotes is bold, and each sentence begins a line, as mdoc wants it.
 */

/** Longest line of a source file. */
const COLUMNS = 78;

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\e",
  // A plain one may be typeset as a hyphen, which no command takes.
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** Lines of a running text; a blank line in it begins a paragraph. */
export function paragraphs(text: string): string[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .flatMap((each, index) => [...(index === 0 ? [] : [".Pp"]), ...prose(each)]);
}

/** Lines of one paragraph. */
export function prose(text: string): string[] {
  // A sentence ends a line, so that the formatter sees its end.
  return text
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1")
    .split(/(?<=[.!?]["')]*)\s+/)
    .flatMap((sentence) => wrap(sentence.replaceAll(/\s+/g, " ")));
}

function wrap(sentence: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of markUp(sentence).split(" ")) {
    if (line !== "" && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? guard(word) : ` ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** What stands between backquotes is bold. */
function markUp(text: string): string {
  return text
    .split(/`([^`]*)`/)
    .map((part, index) => (index % 2 === 0 ? escapeText(part) : `\\fB${escapeText(part)}\\fP`))
    .join("");
}

/** A line that begins so would be a request. */
function guard(word: string): string {
  return /^[.]/.test(word) ? `\\&${word}` : word;
}

function escapeText(text: string): string {
  return text
    .replaceAll(/[\\'`^~-]/g, (character) => ESCAPES[character] ?? character)
    .replaceAll(
      /[^\n -~]/gu,
      (character) =>
        `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}

/** `text` as one argument of a macro, whatever is in it. */
export function argument(text: string): string {
  const escaped = escapeText(text).replaceAll('"', "\\(dq");
  // Punctuation alone, and the name of a macro, would be taken for what they are to mdoc.
  const quoted = /[ \t]/.test(escaped) ? `"${escaped}"` : escaped;
  if (escaped === "") return '""';
  return /^[.,:;()[\]?!|]$|^[A-Z][a-z]$/.test(escaped) ? `\\&${escaped}` : quoted;
}

/**
 * A list of things and what is said of each; "compact": without blank lines between them.
 * `widest`: the head, as an argument, that has its text still beside it; by default only short ones do.
 */
export function taggedList(
  items: readonly (readonly [head: string, body: readonly string[]])[],
  spacing: "airy" | "compact" = "airy",
  widest = "Ds",
): string[] {
  if (items.length === 0) return [];
  return [
    `.Bl -tag -width ${widest}${spacing === "compact" ? " -compact" : ""}`,
    ...items.flatMap(([head, body]) => [`.It ${head}`, ...body]),
    ".El",
  ];
}

/** Lines as they are, set off from the text. */
export function literalBlock(text: string): string[] {
  const lines = text.replace(/\n$/, "").split("\n");
  return [".Bd -literal -offset indent", ...lines.map((line) => guard(escapeText(line))), ".Ed"];
}

export interface PageHead {
  readonly title: string;
  readonly section: 5 | 8;
  /** What the page is about, by name. */
  readonly names: readonly string[];
  /** What they are, in a few words. */
  readonly about: string;
  readonly version: string;
}

/** A whole page: what `lines` say below its head. */
export function page(head: PageHead, lines: readonly string[]): string {
  const { title, section, names, about, version } = head;
  const named = names.map((name, index) => `.Nm ${name}${index < names.length - 1 ? " ," : ""}`);
  return `${[
    '.\\" Made by scripts/describe-manual.ts: do not change it here.',
    `.Dd ${DATE}`,
    `.Dt ${title} ${section}`,
    `.Os Vedette ${version}`,
    ".Sh NAME",
    ...named,
    `.Nd ${escapeText(about)}`,
    ...lines,
  ].join("\n")}\n`;
}

/** When the pages were last looked through; mdoc(7) wants it in American English. */
const DATE = "November 23, 2026";
