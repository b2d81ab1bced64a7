/** Text for a page: what came from elsewhere can be nothing but text in it. */
import { escapeInvisible } from "../../invisible-text.ts";

const NAMED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** @returns `text` for between two tags, or for inside an attribute's quotes. */
export function escapeMarkup(text: string): string {
  return escapeInvisible(text).replace(/[&<>"']/g, (character) => NAMED[character] ?? "");
}
