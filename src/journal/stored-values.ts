/** What the texts of the journal are made of, as they are checked when they are read. */
import { z } from "zod";
import { EVIDENCE_LEVELS } from "../model/evidence.ts";

/** Longer (characters) than any text that is written for one campaign or event. */
const LONGEST_TEXT = 65_536;

export const evidence = z.enum(EVIDENCE_LEVELS);

export const transport = z.enum(["tcp", "udp", "icmp", "ip"]);

/** A port, a type of ICMP, or a protocol. */
export const portNumber = z.number().int().min(0).max(65_535);

/** The last moment that a Date can be, milliseconds since 1970 (ECMA-262, Time Range). */
const LAST_MS = 8.64e15;

/** Wall time, milliseconds since 1970: one that can be shown. */
export const epochMs = z.number().int().min(-LAST_MS).max(LAST_MS);

export const count = z.number().int().nonnegative();

/** Characters of one sentence; what is longer is cut when it is written. */
export const LONGEST_SENTENCE = 4096;

/** A sentence of ours, or what a command of root's has printed. */
export const sentence = z.string().max(LONGEST_SENTENCE);

/** Never throws. @returns undefined for a text that is too long, no JSON, or does not fit. */
export function decodeValue<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  longest = LONGEST_TEXT,
): z.output<Schema> | undefined {
  if (text.length > longest) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Nothing that this program has written.
    return undefined;
  }
  return schema.safeParse(json).data;
}

/**
 * As JSON that can be read back: texts are cut, also where a character has two halves, and infinite
 * numbers, which JSON has not, are the largest ones.
 */
export function encodeValue(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === "string") return each.slice(0, LONGEST_SENTENCE).toWellFormed();
    if (typeof each !== "number") return each;
    return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, each));
  });
}
