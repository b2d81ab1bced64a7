/**
 * Reads a portsentry.conf as PortSentry does, and says where that is not what it looks like.
 *
 * What 1.2 or 2.x takes is taken: text between the key and the first quote, no closing quote, text
 * after it, no equals sign. What 1.2 passes over in silence is passed over with a word. A leading
 * blank is the one line that both refuse and that is read here: who wrote it meant it.
 */
import { parseSetting } from "./parse-file.ts";

/** One line that begins with a name, whether there is such a key or not. */
interface PortsentryEntry {
  readonly key: string;
  /** undefined: it stands in no quotes, and PortSentry does as if the key were not there. */
  readonly value: string | undefined;
  /** Counted from 1. */
  readonly line: number;
  /** What is read otherwise than it looks, in words that follow the key. */
  readonly remarks: readonly string[];
}

export interface ParsedPortsentryFile {
  /** In the order of the file, repeated keys included. */
  readonly entries: readonly PortsentryEntry[];
  /** Lines, counted from 1, that are no setting, no comment and not empty. */
  readonly unreadLines: readonly number[];
}

/** PortSentry takes a key that a blank or an equals sign ends. */
const KEY = /^([A-Za-z_][A-Za-z0-9_]*)(?:\s*(=)|\s)(.*)$/s;

/** What ends a value in 1.2; a tab may stand in a command. */
const VALUE_END = /["\p{Cc}]/u;

/** `text`: the whole file; a byte order mark at its start is passed over. */
export function parsePortsentryFile(text: string): ParsedPortsentryFile {
  const entries: PortsentryEntry[] = [];
  const unreadLines: number[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, untrimmed] of lines.entries()) {
    const line = index + 1;
    const content = untrimmed.trim();
    if (content === "" || content.startsWith("#")) continue;
    const entry = parseEntry(content);
    if (entry === undefined) {
      unreadLines.push(line);
      continue;
    }
    const remarks = /^\s/.test(untrimmed)
      ? [
          "PortSentry passes over a line that begins with a blank; here it is read",
          ...entry.remarks,
        ]
      : entry.remarks;
    entries.push({ ...entry, line, remarks });
  }
  return { entries, unreadLines };
}

/** @returns undefined when `content` begins with no name. */
function parseEntry(content: string): Omit<PortsentryEntry, "line"> | undefined {
  const strict = parseSetting(content);
  if (typeof strict !== "string") return { ...strict, remarks: [] };
  const match = KEY.exec(content);
  if (match === null) return undefined;
  const [, key = "", equals, rest = ""] = match;
  const open = rest.indexOf('"');
  if (open === -1) {
    return {
      key,
      value: undefined,
      remarks: ["not read, as in PortSentry: the value does not stand in quotes"],
    };
  }
  const remarks: string[] = [];
  if (equals === undefined) remarks.push("the equals sign is missing");
  if (rest.slice(0, open).trim() !== "") remarks.push("the text before the quote is not read");
  const after = rest.slice(open + 1);
  const end = findEnd(after);
  if (end === after.length) remarks.push("the closing quote is missing");
  else if (after[end] !== '"') remarks.push("the value is read up to the control character");
  else if (!/^\s*(#.*)?$/.test(after.slice(end + 1))) {
    remarks.push("the text after the closing quote is not read");
  }
  return { key, value: after.slice(0, end), remarks };
}

/** @returns where the value ends: a quote, a control character that is no tab, or the end. */
function findEnd(text: string): number {
  const characters = text.replaceAll("\t", " ");
  const end = characters.search(VALUE_END);
  return end === -1 ? text.length : end;
}
