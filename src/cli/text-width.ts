/**
 * How many columns of a terminal a text takes: letters of East Asia and pictures take two, marks that
 * stand on a letter take none (Unicode Standard Annex 11, and section 3.9 of Annex 29 for what is one
 * character to a reader).
 *
 * By the properties that the language itself knows, without a table of widths: letters that are wide
 * in some fonts alone count as one. What cannot be seen has been escaped before, joiners too.
 */

/** What has one column a UTF-16 unit: nearly everything that is ever measured. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Marks, and the vowels and final letters of Hangul that stand in one block with the first. */
const MARK = /^[\p{Mn}\p{Me}\u1160-\u11ff]$/u;

/** Scripts in full squares, their punctuation, full-width forms, and what is shown as a picture. */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303e\u30fb\u30fc\uff01-\uff60\uffe0-\uffe6]$/u;

/** Katakana and Hangul in half the width (Halfwidth and Fullwidth Forms). */
const HALF = /^[\uff61-\uffdc]$/;

/** Asks for the picture of a sign that has one (VARIATION SELECTOR-16). */
const AS_PICTURE = "\ufe0f";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** @returns columns; `text` is on one line. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return charactersOf(text).reduce((sum, character) => sum + widthOfCharacter(character), 0);
}

/** @returns the beginning of `text` that has at most `width` columns; no character is cut in two. */
export function cutToWidth(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(0, width);
  let left = width;
  let shown = "";
  for (const character of charactersOf(text)) {
    left -= widthOfCharacter(character);
    if (left < 0) break;
    shown += character;
  }
  return shown;
}

/** What a reader takes for one character each. */
function charactersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function widthOfCharacter(character: string): number {
  if (character.includes(AS_PICTURE)) return 2;
  const widths = [...character].map((point): number => {
    if (MARK.test(point)) return 0;
    return WIDE.test(point) && !HALF.test(point) ? 2 : 1;
  });
  return Math.min(
    2,
    widths.reduce((sum, each) => sum + each, 0),
  );
}
