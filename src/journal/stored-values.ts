/** What the texts of the journal are made of, as they are checked when they are read. */
import { z } from "zod";
import { EVIDENCE_LEVELS } from "../model/evidence.ts";

/** Longer (characters) than any text that is written for one campaign or event. */
export const LONGEST_TEXT = 65_536;

export const evidence = z.enum(EVIDENCE_LEVELS);

/** A sentence of ours, or what a command of root's has printed. */
export const sentence = z.string().max(4096);
