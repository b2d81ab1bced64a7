/**
 * Texts from elsewhere on a page: what cannot be seen is shown, and what turns a line around is not
 * obeyed. Markup is no matter here: it is never put into the page as such.
 */
import { escapeInvisible } from "../invisible-text.ts";

export function printable(text: string): string {
  return escapeInvisible(text);
}
