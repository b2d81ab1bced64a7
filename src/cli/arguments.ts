/** Turns the words of a command line into values; a word that does not fit is a usage error. */
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { formatDuration, parseDurationMs } from "../duration.ts";
import type { PlaceOptions } from "./directories.ts";

/** Options that every command has. */
export interface GlobalOptions extends PlaceOptions {
  /** Print what the API sends instead of text for people. */
  readonly json: boolean;
}

/** The global options as given before or after the command's name. */
export function readGlobals(command: Command): GlobalOptions {
  const { json, run, state } = command.optsWithGlobals<Partial<GlobalOptions>>();
  return { json: json === true, run, state };
}

/** Ten years in ms: the longest ban or trust that the API takes. */
const LONGEST_MS = 10 * 365 * 86_400_000;

/** "1h" as ms, from a second to ten years. */
export function parseSpan(text: string): number {
  return parseDurationBetween(text, 1000, LONGEST_MS);
}

/** "60s" as ms, from a second to a day: how long a guard waits for `vedette confirm`. */
export function parseConfirmSpan(text: string): number {
  return parseDurationBetween(text, 1000, 86_400_000);
}

/** Why somebody is banned: at most as many characters as the API takes. */
export function parseReason(text: string): string {
  if (text.length <= 200) return text;
  throw new InvalidArgumentError(`Expected at most 200 characters, and not ${text.length}.`);
}

/** A whole number from 1 to 10000, as many bans as the API lists at once. */
export function parseLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 10_000) return limit;
  throw new InvalidArgumentError("Expected a whole number from 1 to 10000.");
}

/** Adds one KEY=VALUE to those given before; of a repeated key the last counts. */
export function collectSetting(
  text: string,
  settings: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Expected KEY=VALUE.");
  return { ...settings, [text.slice(0, equals)]: text.slice(equals + 1) };
}

function parseDurationBetween(text: string, minMs: number, maxMs: number): number {
  const spanMs = parseDurationMs(text);
  if (spanMs !== undefined && spanMs >= minMs && spanMs <= maxMs) return spanMs;
  const bounds = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  throw new InvalidArgumentError(`Expected a duration such as 30s, 5m, 1h or 7d, ${bounds}.`);
}
