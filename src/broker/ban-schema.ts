/** What a request to ban names, and how it is checked. */
import { z } from "zod";
import { EVIDENCE_LEVELS } from "../model/evidence.ts";
import { type Prefix, parsePrefix } from "../net/prefix.ts";

/** Shortest ban that may be asked for, in ms. */
export const MIN_TIMEOUT_MS = 1000;

/** Longest ban that may be asked for, in ms: ten years. Longer ones are for good. */
export const MAX_TIMEOUT_MS = 10 * 365 * 86_400_000;

export const prefix = z.string().transform((text, context): Prefix => {
  const parsed = parsePrefix(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: "not an address or prefix" });
  return z.NEVER;
});

/** Milliseconds from now; null: for good. */
export const timeoutMs = z.number().int().min(MIN_TIMEOUT_MS).max(MAX_TIMEOUT_MS).nullable();

/** Who asks for a ban. */
export const BAN_ORIGINS = ["detector", "operator"] as const;

export const banItem = z.strictObject({
  prefix,
  timeoutMs,
  evidence: z.enum(EVIDENCE_LEVELS),
  origin: z.enum(BAN_ORIGINS),
});

export type BanItem = z.output<typeof banItem>;
