/**
 * Many bans as one text, for bringing a million back: a row each, of four words.
 *
 *   198.51.100.7/32 3600000 proven detector;2001:db8::/64 - claimed operator
 *
 * As objects of JSON they take twice the bytes, and to parse and check them takes three times as
 * long. Every row is checked as strictly as an object: one that is none makes the text none.
 */
import { z } from "zod";
import { EVIDENCE_LEVELS } from "../model/evidence.ts";
import { parsePrefix } from "../net/prefix.ts";
import { BAN_ORIGINS, type BanItem, MAX_TIMEOUT_MS, MIN_TIMEOUT_MS } from "./ban-schema.ts";

/** Most rows in one text: the longest, of 75 letters, leave room in a line of the protocol. */
export const MAX_ROWS = 1250;

const MAX_ROW_CHARACTERS = 75;

const FOR_GOOD = "-";

/** Digits without a sign or leading zeros; how many is bounded by the longest ban. */
const TIMEOUT_TEXT = /^[1-9]\d{0,11}$/;

const EVIDENCE = new Map<string, BanItem["evidence"]>(EVIDENCE_LEVELS.map((each) => [each, each]));
const ORIGINS = new Map<string, BanItem["origin"]>(BAN_ORIGINS.map((each) => [each, each]));

/** @param bans one to {@link MAX_ROWS}. */
export function encodeBanRows(bans: readonly BanItem[]): string {
  return bans
    .map(({ prefix, timeoutMs, evidence, origin }) => {
      return `${prefix} ${timeoutMs ?? FOR_GOOD} ${evidence} ${origin}`;
    })
    .join(";");
}

/** A text of one to {@link MAX_ROWS} bans. */
export const banRows = z
  .string()
  .max(MAX_ROWS * MAX_ROW_CHARACTERS)
  .transform((text, context): BanItem[] => {
    const bans = parseRows(text);
    if (bans !== undefined) return bans;
    context.addIssue({ code: "custom", message: `not rows of bans, ${MAX_ROWS} at most` });
    return z.NEVER;
  });

function parseRows(text: string): BanItem[] | undefined {
  const bans: BanItem[] = [];
  for (let start = 0; start <= text.length; ) {
    const next = text.indexOf(";", start);
    const end = next < 0 ? text.length : next;
    const ban = parseRow(text.slice(start, end));
    if (ban === undefined || bans.length === MAX_ROWS) return undefined;
    bans.push(ban);
    start = end + 1;
  }
  return bans;
}

function parseRow(row: string): BanItem | undefined {
  const words = row.split(" ");
  if (words.length !== 4) return undefined;
  const [prefixText = "", timeoutText = "", evidenceText = "", originText = ""] = words;
  const prefix = parsePrefix(prefixText);
  const timeoutMs = parseTimeout(timeoutText);
  const evidence = EVIDENCE.get(evidenceText);
  const origin = ORIGINS.get(originText);
  if (prefix === undefined || timeoutMs === undefined) return undefined;
  if (evidence === undefined || origin === undefined) return undefined;
  return { prefix, timeoutMs, evidence, origin };
}

function parseTimeout(text: string): number | null | undefined {
  if (text === FOR_GOOD) return null;
  const timeoutMs = TIMEOUT_TEXT.test(text) ? Number(text) : 0;
  return timeoutMs >= MIN_TIMEOUT_MS && timeoutMs <= MAX_TIMEOUT_MS ? timeoutMs : undefined;
}
