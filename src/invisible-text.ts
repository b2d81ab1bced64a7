/**
 * Makes visible what a text from elsewhere could do to a log or a terminal.
 *
 * Reasons, names and error messages can hold what an attacker sent: a line end forges a row, an
 * escape sequence moves the cursor, a direction mark (U+202E) shows an address backwards.
 */

/** What could end a line, move a cursor or turn a text around. Global: for replacing alone. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** @returns `text` on one line, with everything that cannot be seen as \xNN or \u{N}. */
export function escapeInvisible(text: string): string {
  return text.replace(INVISIBLE, escapeCharacter);
}

/**
 * @returns the JSON of `value`, on one line, for a log, a terminal or another program: a reader of
 * JSON has every text as it was, and whoever looks at the bytes sees nothing but what is printable.
 * JSON itself escapes only what is below U+0020.
 */
export function encodeVisibleJson(value: unknown): string {
  return JSON.stringify(value).replace(INVISIBLE, (character) =>
    // Each half of a pair on its own, as RFC 8259 section 7 has it.
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
