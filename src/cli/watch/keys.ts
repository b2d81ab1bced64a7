/** What a terminal in raw mode sends, as keys (xterm, ECMA-48 section 5.4). */

const ESCAPE = "\u001b";

const NAMES: Readonly<Record<string, string>> = {
  [`${ESCAPE}[A`]: "up",
  [`${ESCAPE}OA`]: "up",
  [`${ESCAPE}[B`]: "down",
  [`${ESCAPE}OB`]: "down",
  [`${ESCAPE}[5~`]: "page-up",
  [`${ESCAPE}[6~`]: "page-down",
  [ESCAPE]: "escape",
};

/** A sequence, or one character. */
const KEY = new RegExp(`${ESCAPE}(?:\\[[0-9;?]*[ -/]*[@-~]|O.)?|.`, "gsu");

/**
 * "up", "down", "page-up", "page-down", "escape"; any other key is its character. Of the other
 * sequences none is a key of ours, nor are its letters.
 */
export function keysIn(text: string): string[] {
  return (text.match(KEY) ?? []).flatMap((key) => {
    const name = NAMES[key];
    if (name !== undefined) return [name];
    return key.startsWith(ESCAPE) ? [] : [key];
  });
}
