/**
 * Adds and removes whole lines of hosts.deny, and leaves every other byte as it is.
 *
 * The file is other people's: their comments, their line ends (also CRLF), their last line without
 * an end. A line whose predecessor ends with a backslash belongs to it (hosts_access(5)), so it is
 * none of ours, and ours never follows one. Lines are compared whole: "ALL: 192.0.2.7" is not
 * part of "ALL: 192.0.2.70". Texts are latin1, one character a byte.
 */

/** @returns the lines that stand by themselves, without their ends. */
export function linesOf(text: string): readonly string[] {
  return segmentsOf(text).flatMap(({ line, isContinued }) => (isContinued ? [] : [line]));
}

/** @returns the text with `line` at its end; undefined when it stands there already. */
export function addLine(text: string, line: string): string | undefined {
  if (linesOf(text).includes(line)) return undefined;
  const hasEnd = text === "" || text.endsWith("\n");
  const whole = hasEnd ? text : `${text}\n`;
  // An empty line ends what the backslash would go on with.
  const end = whole.endsWith("\\\n") ? "\n" : "";
  return `${whole}${end}${line}\n`;
}

/** @returns the text without `line`, wherever it stood; undefined when it did not. */
export function removeLine(text: string, line: string): string | undefined {
  const segments = segmentsOf(text);
  const others = segments.filter((segment) => segment.isContinued || segment.line !== line);
  return others.length < segments.length ? others.map(({ text }) => text).join("") : undefined;
}

interface Segment {
  /** With its end, if it has one. */
  readonly text: string;
  readonly line: string;
  /** Belongs to the line before it. */
  readonly isContinued: boolean;
}

function segmentsOf(text: string): readonly Segment[] {
  let isContinued = false;
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((each) => {
    const segment = { text: each, line: each.replace(/\n$/, ""), isContinued };
    isContinued = each.endsWith("\\\n");
    return segment;
  });
}
