/**
 * Texts that do harm where they are shown as they are, and what finds them in an output.
 *
 * Each has {@link MARKER}, so that a test can tell "made harmless" from "was never there".
 */

/** Stands in every hostile text, and nowhere else. */
export const MARKER = "m4rk3r";

/** As an operator's reason, at most 200 characters: every kind of harm in one. */
export const HOSTILE_REASON = [
  `=cmd("/c ${MARKER}")`,
  "<script>alert(1)</script>",
  `<img src=x onerror='a'>"`,
  "%n%s",
  "\x1b]0;owned\x07",
  "\x1b[2J",
  "\x9b31m",
  "\u0085",
  `\r\n00:00:00 ban ${MARKER} forged`,
  "\u202e1.2.0.291",
  "\u2066\u2028\u2029",
  "\x7f\x08\0",
].join("|");

/** Names by their labels, which RFC 1035 section 3.1 lets have any octets. */
export const HOSTILE_NAMES: readonly (readonly Buffer[])[] = [
  [`${MARKER}\x1b[2J`, "example", "org"],
  [`${MARKER}\x1b]0;owned\x07`],
  [`${MARKER}\x9b31m`, "org"],
  [`${MARKER}\xc2\x9b31m`, "org"],
  [`${MARKER}\nattackalert: forged`, "org"],
  [`${MARKER}\u202egro`, "org"],
  [`<script>${MARKER}</script>`, "org"],
  [`=cmd(${MARKER})`, "org"],
  [`%n%s${MARKER}`, "org"],
  [`"'\`${MARKER}`, "org"],
  [`${MARKER}\x7f`, "org"],
  [`${MARKER} Port: 22 TCP Blocked`],
  [`${MARKER}/192.0.2.99`],
  [`${MARKER}.192`, "0", "2", "99"],
].map((labels) =>
  labels.map((label) => Buffer.from(label, label.includes("\u202e") ? "utf8" : "latin1")),
);

/** What ends a line, moves a cursor or turns a text around; a line end is whoever prints it's. */
const HARMFUL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** @returns each harmful character of an output of lines, as U+N; none when it is harmless. */
export function harmIn(output: string): string[] {
  const found = output.replaceAll("\n", "").match(HARMFUL) ?? [];
  return [...new Set(found)].map((each) => `U+${(each.codePointAt(0) ?? 0).toString(16)}`);
}
