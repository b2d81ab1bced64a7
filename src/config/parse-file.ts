/**
 * The syntax of portsentry.conf: one KEY="value" a line, and comments.
 *
 * Every file that PortSentry's own documentation describes is read: blanks around the key and the
 * equals sign, a comment after the value, CRLF, an empty value. Where PortSentry passes over a line
 * in silence (no quotes, no closing quote, text after the value) there is a fault here: a setting
 * that is not in force must not look as if it were. There are no escapes: a value holds no `"`.
 * Files of PortSentry's own name are read by parse-portsentry-file.ts, which is milder.
 */

/** One setting as it stands in the file. */
interface ConfigEntry {
  readonly key: string;
  /** Text between the quotes, unchanged. */
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** One line that is no setting, no comment and not empty. */
interface SyntaxFault {
  /** Counted from 1. */
  readonly line: number;
  /** What is wrong, in words. */
  readonly text: string;
}

/** Entries in the order of the file, repeated keys included; all faults at once. */
export interface ParsedFile {
  readonly entries: readonly ConfigEntry[];
  readonly faults: readonly SyntaxFault[];
}

const SETTING = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/;

/** `text`: the whole file; a byte order mark at its start is passed over. */
export function parseConfigFile(text: string): ParsedFile {
  const entries: ConfigEntry[] = [];
  const faults: SyntaxFault[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, untrimmed] of lines.entries()) {
    const line = index + 1;
    const content = untrimmed.trim();
    if (content === "" || content.startsWith("#")) continue;
    const parsed = parseSetting(content);
    if (typeof parsed === "string") faults.push({ line, text: parsed });
    else entries.push({ ...parsed, line });
  }
  return { entries, faults };
}

/**
 * `content`: a line without blanks at its ends, that is no comment and not empty.
 * @returns the setting, or what is wrong with it in words.
 */
export function parseSetting(content: string): Omit<ConfigEntry, "line"> | string {
  const setting = SETTING.exec(content);
  if (setting === null) return 'expected KEY="value" or a comment that begins with #';
  const key = setting[1] as string;
  const rest = setting[2] as string;
  if (rest.startsWith("'")) {
    const value = /^'([^'"\p{Cc}]*)'/u.exec(rest)?.[1] ?? "value";
    return `${key}: the value must stand in double quotes, not single ones: ${key}="${value}"`;
  }
  if (!rest.startsWith('"')) return `${key}: the value must stand in quotes: ${key}="value"`;
  const end = rest.indexOf('"', 1);
  if (end === -1) return `${key}: the closing quote is missing`;
  if (!/^\s*(#.*)?$/.test(rest.slice(end + 1))) {
    return `${key}: only a comment that begins with # may follow the closing quote`;
  }
  const value = rest.slice(1, end);
  // A tab may stand in a command; nothing else that cannot be seen is ever meant.
  if (/[^\P{Cc}\t]/u.test(value)) return `${key}: the value holds a control character`;
  return { key, value };
}
