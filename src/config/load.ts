/**
 * Reads the configuration and checks all of it before anything acts on it.
 *
 * A text comes from the command line, else from the file, else it is the default. All faults are
 * told at once, each with its place. The typed values are made from the texts alone, so that the
 * broker can hand the texts to the guard process, which makes the same values of them.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { OperationalError } from "../errors.ts";
import { nearestName } from "./nearest-name.ts";
import { parseConfigFile } from "./parse-file.ts";
import type { KeyName, Settings } from "./schema.ts";
import { CONFIG_KEYS, findConflicts, isKeyName, KEY_NAMES } from "./schema.ts";

/** Read when no file is named; it need not exist. */
export const DEFAULT_CONFIG_PATH = "/etc/vedette/vedette.conf";

/** Larger than any configuration: whoever names a log file by mistake is told so. */
const MAX_FILE_BYTES = 1_048_576;

/** Text of every key. */
type ConfigTexts = Readonly<Record<KeyName, string>>;

export interface Configuration {
  readonly values: Settings;
  /** The texts in force. */
  readonly texts: ConfigTexts;
  /** Where each text comes from: "default", "FILE:LINE" or "command line". */
  readonly sources: Readonly<Record<KeyName, string>>;
  /** Names the texts in force: the same for the same texts, wherever they come from. */
  readonly revision: string;
  /** The file that was, or would have been, read. */
  readonly path: string;
}

/** One thing that is wrong. */
export interface ConfigFault {
  /** "FILE:LINE", "FILE" or "command line"; "default" where two defaults conflict. */
  readonly place: string;
  /** Begins with the key where there is one. May hold what stands in the file: escape to print. */
  readonly text: string;
}

export type LoadedConfiguration =
  | { readonly status: "ok"; readonly configuration: Configuration }
  | { readonly status: "invalid"; readonly faults: readonly ConfigFault[] };

export interface ConfigRequest {
  /** Must exist when it is named. Default {@link DEFAULT_CONFIG_PATH}, which need not. */
  readonly path?: string | undefined;
  /** Texts that go before those of the file, by key. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
}

/** A text, or what is wrong, and where it stands. */
interface Placed extends ConfigFault {
  /** Order of telling: the line of the file; 0 for the file as a whole, then the command line. */
  readonly line: number;
}

const AFTER_THE_FILE = Number.MAX_SAFE_INTEGER;

/** Reads and checks; never throws for what an operator can write into a file. */
export function loadConfiguration(request: ConfigRequest = {}): LoadedConfiguration {
  const path = request.path ?? DEFAULT_CONFIG_PATH;
  const faults: Placed[] = [];
  const placed = new Map<KeyName, Placed>();
  const content = readConfigFile(path, request.path !== undefined, faults);
  if (content !== undefined) collectFile(path, content, placed, faults);
  for (const [key, text] of Object.entries(request.overrides ?? {})) {
    const place = { place: "command line", line: AFTER_THE_FILE };
    if (isKeyName(key)) placed.set(key, { ...place, text });
    else faults.push({ ...place, text: describeUnknown(key) });
  }

  const at = (key: KeyName): Placed =>
    placed.get(key) ?? { text: CONFIG_KEYS[key].default, place: "default", line: AFTER_THE_FILE };
  const values = parseTexts(at, faults);
  if (values === undefined || faults.length > 0) {
    faults.sort((a, b) => a.line - b.line);
    return { status: "invalid", faults: faults.map(({ place, text }) => ({ place, text })) };
  }

  const texts = recordOf((key) => at(key).text);
  const sources = recordOf((key) => at(key).place);
  return {
    status: "ok",
    configuration: { values, texts, sources, revision: revisionOf(texts), path },
  };
}

/**
 * The same as {@link loadConfiguration} for a command that cannot go on without.
 * @throws {OperationalError} ERR_CONFIG_INVALID with all faults, one a line.
 */
export function requireConfiguration(request: ConfigRequest = {}): Configuration {
  const loaded = loadConfiguration(request);
  if (loaded.status === "ok") return loaded.configuration;
  const lines = loaded.faults.map(formatFault);
  const summary =
    lines.length === 1
      ? (lines[0] as string)
      : `the configuration is invalid:\n${lines.join("\n")}`;
  throw new OperationalError("ERR_CONFIG_INVALID", summary);
}

/**
 * The typed values of texts that were checked before, by another process of the same version.
 * A text that does not fit is a bug and throws; a key that is missing takes its default.
 */
export function loadConfigurationTexts(texts: Readonly<Record<string, string>>): Settings {
  const faults: Placed[] = [];
  const at = (key: KeyName): Placed => ({
    text: Object.hasOwn(texts, key) ? (texts[key] as string) : CONFIG_KEYS[key].default,
    place: "handed over",
    line: 0,
  });
  const values = parseTexts(at, faults);
  if (values === undefined || faults.length > 0) {
    throw new Error(`texts were handed over unchecked: ${faults.map(formatFault).join("; ")}`);
  }
  return values;
}

/** "/etc/vedette/vedette.conf:14: SCAN_TRIGGER: -1 is below 0". */
export function formatFault(fault: ConfigFault): string {
  return `${fault.place}: ${fault.text}`;
}

function readConfigFile(path: string, mustExist: boolean, faults: Placed[]): string | undefined {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) faults.push({ place: path, line: 0, text: "this is no regular file" });
    else if (stats.size <= MAX_FILE_BYTES) return readFileSync(path, "utf8");
    else faults.push({ place: path, line: 0, text: "the file is larger than 1 MiB" });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && !mustExist) return undefined;
    const reason = code === "ENOENT" ? "there is no such file" : (error as Error).message;
    faults.push({ place: path, line: 0, text: reason });
  }
  return undefined;
}

function collectFile(
  path: string,
  content: string,
  placed: Map<KeyName, Placed>,
  faults: Placed[],
): void {
  const parsed = parseConfigFile(content);
  for (const { line, text } of parsed.faults) faults.push({ place: `${path}:${line}`, line, text });
  const firstLines = new Map<string, number>();
  for (const { key, value, line } of parsed.entries) {
    const place = `${path}:${line}`;
    const firstLine = firstLines.get(key);
    if (!isKeyName(key)) faults.push({ place, line, text: describeUnknown(key) });
    else if (firstLine === undefined) placed.set(key, { place, line, text: value });
    else faults.push({ place, line, text: `${key}: already set in line ${firstLine}` });
    firstLines.set(key, firstLine ?? line);
  }
}

function describeUnknown(key: string): string {
  const nearest = nearestName(key, KEY_NAMES);
  return `unknown key ${key}${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
}

/** @returns undefined when a text does not fit; the conflicts between keys join `faults`, too. */
function parseTexts(at: (key: KeyName) => Placed, faults: Placed[]): Settings | undefined {
  const values: Partial<Record<KeyName, unknown>> = {};
  let isComplete = true;
  for (const key of KEY_NAMES) {
    const { text, place, line } = at(key);
    const parsed = CONFIG_KEYS[key].parse(text);
    if (parsed.status === "ok") {
      values[key] = parsed.value;
    } else {
      isComplete = false;
      const problem = parsed.problem ?? `expected ${parsed.expected}, not "${text}"`;
      faults.push({ place, line, text: `${key}: ${problem}` });
    }
  }
  if (!isComplete) return undefined;
  // Every key was parsed by its own parser, which is what Settings is inferred from.
  const settings = values as Settings;
  for (const { key, text } of findConflicts(settings)) {
    const { place, line } = at(key);
    faults.push({ place, line, text: `${key}: ${text}` });
  }
  return settings;
}

function recordOf(textOf: (key: KeyName) => string): ConfigTexts {
  return Object.fromEntries(KEY_NAMES.map((key) => [key, textOf(key)])) as ConfigTexts;
}

/** Twelve digits tell two configurations of one machine apart; they are no secret. */
function revisionOf(texts: ConfigTexts): string {
  const sorted = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 12);
}
