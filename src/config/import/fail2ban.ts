/**
 * Finds whom fail2ban ignores: `ignoreip` in its jail files.
 *
 * The files are INI, a value goes on in lines that begin with a blank, and later files replace what
 * earlier ones say. Only [DEFAULT] is for the whole machine: what one jail ignores, it ignores for
 * one service, and that is no reason to let somebody scan all the others.
 */
import type { LeftOutWord, ListedWord } from "./ignore-lists.ts";

/** A file that was read. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

export interface Fail2banIgnores {
  readonly words: readonly ListedWord[];
  readonly leftOut: readonly LeftOutWord[];
}

const SECTION = /^\[([^\]]+)\]/;

const SETTING = /^([A-Za-z0-9_.-]+)\s*[=:]\s*(.*)$/;

/** A comment after a value begins with a blank. */
const COMMENT = /(?:^|\s)[#;].*$/;

/** @param files in the order in which fail2ban reads them. */
export function readFail2banIgnores(files: readonly NamedText[]): Fail2banIgnores {
  const bySection = new Map<string, readonly ListedWord[]>();
  for (const file of files) {
    for (const [section, words] of ignoresOf(file)) bySection.set(section, words);
  }
  const leftOut: LeftOutWord[] = [];
  for (const [section, words] of bySection) {
    if (section === "DEFAULT") continue;
    leftOut.push(...words.map((word) => ({ ...word, why: `only the jail ${section} ignores it` })));
  }
  const words: ListedWord[] = [];
  for (const word of bySection.get("DEFAULT") ?? []) {
    // "%(…)s" takes another key's value, "file:…" names a list; neither is followed.
    if (/[%:]\(|\)s|^file:/.test(word.word))
      leftOut.push({ ...word, why: "it is no plain address" });
    else words.push(word);
  }
  return { words, leftOut };
}

/** The words of the last `ignoreip` of each section, by the section's name. */
function ignoresOf({ path, text }: NamedText): Map<string, ListedWord[]> {
  const found = new Map<string, ListedWord[]>();
  let section = "";
  let current: ListedWord[] | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:[#;].*)?$/.test(line)) continue;
    const from = `${path}:${index + 1}`;
    if (/^\s/.test(line)) {
      current?.push(...wordsIn(line, from));
      continue;
    }
    current = undefined;
    section = SECTION.exec(line)?.[1] ?? section;
    const setting = SETTING.exec(line);
    if (setting?.[1]?.toLowerCase() !== "ignoreip") continue;
    current = wordsIn(setting[2] as string, from);
    found.set(section, current);
  }
  return found;
}

function wordsIn(text: string, from: string): ListedWord[] {
  return text
    .replace(COMMENT, "")
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .map((word) => ({ word, from }));
}
