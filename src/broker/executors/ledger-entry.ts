/**
 * One line of the ledger of deeds: a JSON object that adds a deed or takes one away.
 *
 * Read strictly: a line that is not exactly that is damaged, because its text would be run as root.
 */
import { z } from "zod";
import { type Prefix, parsePrefix } from "../../net/prefix.ts";
import type { Deed } from "./deed.ts";

export interface LedgerEntry {
  readonly act: "add" | "remove";
  readonly prefix: Prefix;
  readonly deed: Deed;
}

const text = z.string().min(1);

const schema = z.strictObject({
  act: z.enum(["add", "remove"]),
  prefix: z.string(),
  kind: z.enum(["hosts-deny", "route", "command"]),
  text,
  undo: text.nullable(),
  /** Wall time in ms; absent: not by itself. */
  until: z.number().int().optional(),
});

/** @returns the line without its end. */
export function encodeEntry({ act, prefix, deed }: LedgerEntry): string {
  const { kind, text, undo, untilEpochMs: until } = deed;
  return JSON.stringify({ act, prefix, kind, text, undo: undo ?? null, until });
}

/** @returns undefined when the line is none of ours, or not whole. */
export function parseEntry(line: string): LedgerEntry | undefined {
  const parsed = schema.safeParse(parseJson(line));
  if (!parsed.success) return undefined;
  const { act, kind, text, undo, until } = parsed.data;
  const prefix = parsePrefix(parsed.data.prefix);
  if (prefix !== parsed.data.prefix) return undefined;
  const deed: Deed = { kind, text, undo: undo ?? undefined };
  return { act, prefix, deed: until === undefined ? deed : { ...deed, untilEpochMs: until } };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Not whole: what the schema refuses as well.
    return undefined;
  }
}
