/**
 * The nft commands that change elements of our sets: the only place where such text is made.
 *
 * Nothing but canonical prefixes, whole numbers and fixed words goes in, and the finished element
 * is matched against its alphabet once more, because whoever gets a newline or a brace in here
 * writes commands as root.
 *
 * nft 1.0.6 wants a number of less than nine digits in a time-out ("value too large"), so days are
 * written apart.
 */
import { TABLE } from "../../kernel/table-sets.ts";
import { formatPrefix, type Prefix } from "../../net/prefix.ts";

const SECOND_MS = 1000;
const DAY_SECONDS = 86_400;

const ELEMENT_TEXT = /^[0-9a-f.:]+(?:\/\d{1,3})?$/;

/** An element of a set, and how long it lives. */
export interface TimedElement {
  /** Made by {@link elementText}, or a concatenation of such. */
  readonly text: string;
  /** null: for good. */
  readonly timeoutMs: number | null;
}

/** @returns a prefix as an element; an address without its length. */
export function elementText(prefix: Prefix): string {
  const text = formatPrefix(prefix);
  if (!ELEMENT_TEXT.test(text)) throw new TypeError(`not a canonical prefix: ${text}`);
  return text;
}

/** " timeout 1d60s", rounded up to whole seconds; "" for good. */
function timeoutText(timeoutMs: number | null): string {
  if (timeoutMs === null) return "";
  const totalSeconds = Math.max(1, Math.ceil(timeoutMs / SECOND_MS));
  if (!Number.isSafeInteger(totalSeconds)) throw new TypeError(`not a time-out: ${timeoutMs}`);
  const days = Math.floor(totalSeconds / DAY_SECONDS);
  const seconds = totalSeconds % DAY_SECONDS;
  return ` timeout ${days > 0 ? `${days}d` : ""}${seconds > 0 ? `${seconds}s` : ""}`;
}

/** Puts elements in. Those that are in are left alone, or on kernels from 6.12 get the new time. */
export function addCommand(set: string, elements: readonly TimedElement[]): string {
  const texts = elements.map(({ text, timeoutMs }) => `${text}${timeoutText(timeoutMs)}`);
  return `add element ${TABLE} ${set} { ${texts.join(", ")} }\n`;
}

/** Takes elements out; fails when one of them is not in, and with it the whole transaction. */
export function deleteCommand(set: string, texts: readonly string[]): string {
  return `delete element ${TABLE} ${set} { ${texts.join(", ")} }\n`;
}

/**
 * Puts elements in, or gives those that are in a new time. No element may come twice.
 *
 * Three commands in one transaction, because kernels before 6.12 take `add` of a standing element
 * for done and keep its old time, and `delete` of one that is not there fails.
 */
export function replaceCommand(set: string, elements: readonly TimedElement[]): string {
  const add = addCommand(set, elements);
  return (
    add +
    deleteCommand(
      set,
      elements.map(({ text }) => text),
    ) +
    add
  );
}

/** Makes `texts` the whole content of a set. They must not overlap in an interval set. */
export function fillCommand(set: string, texts: readonly string[]): string {
  const flush = `flush set ${TABLE} ${set}\n`;
  if (texts.length === 0) return flush;
  return (
    flush +
    addCommand(
      set,
      texts.map((text) => ({ text, timeoutMs: null })),
    )
  );
}
