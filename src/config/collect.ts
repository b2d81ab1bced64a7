/**
 * Gathers the text of every key that somebody has set: on the command line, else in the file, else,
 * in profile portsentry and for the modes alone, in the file that Debian's PortSentry is started
 * by.
 *
 * What texts mean together is not asked here; that there is such a key is.
 */
import type { Profile } from "../config-key.ts";
import { collectPortsentryFile } from "./collect-portsentry.ts";
import { findLooseness } from "./file-trust.ts";
import { AFTER_THE_FILE, type ConfigFinding, type Findings, type Place } from "./findings.ts";
import { parseConfigFile } from "./parse-file.ts";
import type { PlacedText } from "./placed-text.ts";
import { DEFAULT_CONFIG_PATHS, profileOf } from "./profile.ts";
import { readSmallFile } from "./read-small-file.ts";
import { isKeyName, type KeyName } from "./schema.ts";
import { DEFAULT_MODES_PATH, readStartModes } from "./start-modes.ts";
import { describeUnknownKey } from "./unknown-key.ts";

/** Larger than any configuration: whoever names a log file by mistake is told so. */
const MAX_FILE_KIB = 1024;

export interface ConfigRequest {
  /** Must exist when it is named. Default: the profile's own path. */
  readonly path?: string | undefined;
  /** What the file says, for who has read it already. Default: it is read. */
  readonly content?: string | undefined;
  /** Default: what the name of the file says, and "vedette" when no file is named. */
  readonly profile?: Profile | undefined;
  /** Texts that go before those of the file, by key. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
  /** Says TCP_MODE and UDP_MODE in profile portsentry where nobody else does. Need not exist. */
  readonly modesPath?: string | undefined;
  /**
   * What becomes of a file that others than root, or the user that we are, can have written: a
   * guard refuses it, `config check` warns. Default: nobody asks.
   */
  readonly strangers?: "refused" | "warned" | undefined;
}

/** Everything that was said, wherever it was said. */
export interface CollectedTexts {
  /** The file that was, or would have been, read. */
  readonly path: string;
  readonly profile: Profile;
  readonly texts: ReadonlyMap<KeyName, PlacedText>;
  /** Lines of the file that the command line goes before, and says something else. */
  readonly overruled: readonly ConfigFinding[];
  /** Who else can write the file, where it is taken all the same; with what to do. */
  readonly looseness: string | undefined;
}

/** Where texts that were said with the command stand. */
export const COMMAND_LINE: Place = { name: "command line", order: AFTER_THE_FILE };

/** Never throws for what an operator can write into a file: that joins `findings`. */
export function collectTexts(request: ConfigRequest, findings: Findings): CollectedTexts {
  const profile =
    request.profile ?? (request.path === undefined ? "vedette" : profileOf(request.path));
  const path = request.path ?? DEFAULT_CONFIG_PATHS[profile];
  const texts = new Map<KeyName, PlacedText>();
  // PortSentry does not start without its file; whoever asks for its ways has one.
  const mustExist = request.path !== undefined || profile === "portsentry";
  const { text: content, looseness } =
    request.content === undefined
      ? readConfigFile({ path, mustExist, profile, strangers: request.strangers }, findings)
      : { text: request.content, looseness: undefined };
  if (content !== undefined) {
    const collectFile = profile === "portsentry" ? collectPortsentryFile : collectStrictFile;
    collectFile(path, content, texts, findings);
  }
  const overruled: ConfigFinding[] = [];
  for (const [key, text] of Object.entries(request.overrides ?? {})) {
    if (isKeyName(key)) {
      const inFile = texts.get(key);
      if (inFile !== undefined && inFile.text !== text) {
        const why = `${key}: not in force: the guard's command line says "${text}"`;
        overruled.push({ place: inFile.place.name, text: why });
      }
      texts.set(key, { text, place: COMMAND_LINE });
    } else findings.fault(COMMAND_LINE, describeUnknownKey(key));
  }
  if (profile === "portsentry") addStartModes(request, texts, findings);
  return { path, profile, texts, overruled, looseness };
}

interface WantedFile extends Pick<ConfigRequest, "strangers"> {
  readonly path: string;
  readonly mustExist: boolean;
  readonly profile: Profile;
}

interface FoundFile {
  readonly text?: string;
  readonly looseness?: string | undefined;
}

function readConfigFile(wanted: WantedFile, findings: Findings): FoundFile {
  const { path, mustExist, profile, strangers } = wanted;
  const place = { name: path, order: 0 };
  const file = readSmallFile(path, MAX_FILE_KIB);
  switch (file.status) {
    case "read": {
      const { text, stats } = file;
      const loose = strangers && findLooseness(path, stats, profile);
      if (loose === undefined) return { text };
      // What it says besides is told, too: nothing of it is done.
      if (loose.severity === "fault" && strangers === "refused") findings.fault(place, loose.text);
      else findings.warn(place, loose.text);
      return { text, looseness: loose.text };
    }
    case "absent":
      if (mustExist) findings.fault(place, "there is no such file");
      return {};
    case "unreadable":
      findings.fault(place, file.reason);
      return {};
  }
}

/** A file that nobody needs is not read: it may say what does not fit. */
function addStartModes(
  request: ConfigRequest,
  texts: Map<KeyName, PlacedText>,
  findings: Findings,
): void {
  const missing = (["TCP_MODE", "UDP_MODE"] as const).filter((key) => !texts.has(key));
  if (missing.length === 0) return;
  const modes = readStartModes(request.modesPath ?? DEFAULT_MODES_PATH, findings);
  for (const key of missing) {
    const mode = modes[key];
    if (mode !== undefined) texts.set(key, mode);
  }
}

function collectStrictFile(
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
    if (!isKeyName(key)) findings.fault(place, describeUnknownKey(key));
    else if (firstLine === undefined) texts.set(key, { text: value, place });
    else findings.fault(place, `${key}: already set in line ${firstLine}`);
    firstLines.set(key, firstLine ?? line);
  }
}
