/**
 * Gathers the text of every key that somebody has set: on the command line, else in the file.
 *
 * What a text means is not asked here; that there is such a key is.
 */
import { readFileSync, statSync } from "node:fs";
import type { Profile } from "../config-key.ts";
import { AFTER_THE_FILE, type Findings, type Place } from "./findings.ts";
import { nearestName } from "./nearest-name.ts";
import { parseConfigFile } from "./parse-file.ts";
import { DEFAULT_CONFIG_PATHS, profileOf } from "./profile.ts";
import { isKeyName, KEY_NAMES, type KeyName } from "./schema.ts";

/** Larger than any configuration: whoever names a log file by mistake is told so. */
const MAX_FILE_BYTES = 1_048_576;

export interface ConfigRequest {
  /** Must exist when it is named. Default: the profile's own path. */
  readonly path?: string | undefined;
  /** Default: what the name of the file says, and "vedette" when no file is named. */
  readonly profile?: Profile | undefined;
  /** Texts that go before those of the file, by key. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
}

/** The text of one key, and who says so. */
export interface PlacedText {
  readonly text: string;
  readonly place: Place;
}

/** Everything that was said, wherever it was said. */
export interface CollectedTexts {
  /** The file that was, or would have been, read. */
  readonly path: string;
  readonly profile: Profile;
  readonly texts: ReadonlyMap<KeyName, PlacedText>;
}

const COMMAND_LINE: Place = { name: "command line", order: AFTER_THE_FILE };

/** Never throws for what an operator can write into a file: that joins `findings`. */
export function collectTexts(request: ConfigRequest, findings: Findings): CollectedTexts {
  const profile =
    request.profile ?? (request.path === undefined ? "vedette" : profileOf(request.path));
  const path = request.path ?? DEFAULT_CONFIG_PATHS[profile];
  const texts = new Map<KeyName, PlacedText>();
  // PortSentry does not start without its file; whoever asks for its ways has one.
  const mustExist = request.path !== undefined || profile === "portsentry";
  const content = readConfigFile(path, mustExist, findings);
  if (content !== undefined) collectFile(path, content, texts, findings);
  for (const [key, text] of Object.entries(request.overrides ?? {})) {
    if (isKeyName(key)) texts.set(key, { text, place: COMMAND_LINE });
    else findings.fault(COMMAND_LINE, describeUnknown(key));
  }
  return { path, profile, texts };
}

function readConfigFile(path: string, mustExist: boolean, findings: Findings): string | undefined {
  const place = { name: path, order: 0 };
  try {
    const stats = statSync(path);
    if (!stats.isFile()) findings.fault(place, "this is no regular file");
    else if (stats.size <= MAX_FILE_BYTES) return readFileSync(path, "utf8");
    else findings.fault(place, "the file is larger than 1 MiB");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && !mustExist) return undefined;
    findings.fault(place, code === "ENOENT" ? "there is no such file" : (error as Error).message);
  }
  return undefined;
}

function collectFile(
  path: string,
  content: string,
  texts: Map<KeyName, PlacedText>,
  findings: Findings,
): void {
  const placeOf = (line: number): Place => ({ name: `${path}:${line}`, order: line });
  const parsed = parseConfigFile(content);
  for (const { line, text } of parsed.faults) findings.fault(placeOf(line), text);
  const firstLines = new Map<string, number>();
  for (const { key, value, line } of parsed.entries) {
    const place = placeOf(line);
    const firstLine = firstLines.get(key);
    if (!isKeyName(key)) findings.fault(place, describeUnknown(key));
    else if (firstLine === undefined) texts.set(key, { text: value, place });
    else findings.fault(place, `${key}: already set in line ${firstLine}`);
    firstLines.set(key, firstLine ?? line);
  }
}

function describeUnknown(key: string): string {
  const nearest = nearestName(key, KEY_NAMES);
  return `unknown key ${key}${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
}
