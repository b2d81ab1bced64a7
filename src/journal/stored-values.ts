/** What the texts of the journal are made of, as they are checked when they are read. */
import { z } from "zod";
import { EVIDENCE_LEVELS } from "../model/evidence.ts";

/** Longer (characters) than any text that is written for one campaign or event. */
export const LONGEST_TEXT = 65_536;

export const evidence = z.enum(EVIDENCE_LEVELS);

/** Characters of one sentence; what is longer is cut when it is written. */
export const LONGEST_SENTENCE = 4096;

/** A sentence of ours, or what a command of root's has printed. */
export const sentence = z.string().max(LONGEST_SENTENCE);

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
