/**
 * Makes a vedette.conf and a vedette.ignore of what PortSentry and fail2ban were told.
 *
 * The new file does what the old ones did: every key whose text differs from Vedette's own default
 * is written down, so that loading it gives the texts that PortSentry's files gave, but for the
 * path of the ignore file. Each key that PortSentry never had says what Vedette's own would be, and
 * taking its line away is how to get it.
 */
import { join } from "node:path";
import { OperationalError } from "../../errors.ts";
import type { Configuration } from "../load.ts";
import { CONFIG_KEYS, CONFIG_SECTIONS, type KeyName } from "../schema.ts";
import { readFail2banIgnores } from "./fail2ban.ts";
import type { FoundFiles } from "./found-files.ts";
import { type LeftOutWord, listedWordsOf, type MergedLists, mergeLists } from "./ignore-lists.ts";

/** One key of the new configuration. */
interface Mapping {
  readonly key: KeyName;
  readonly value: string;
  /** "FILE:LINE", or "PortSentry's way" for what it does without being told. */
  readonly from: string;
  /** What it means, in one sentence. */
  readonly note: string;
}

export interface ImportPlan {
  readonly configPath: string;
  readonly configText: string;
  readonly ignorePath: string;
  readonly ignoreText: string;
  readonly mappings: readonly Mapping[];
  /** How many addresses, prefixes and names the new ignore file has. */
  readonly ignored: number;
  readonly leftOut: readonly LeftOutWord[];
}

/**
 * @param target absolute path of the directory of the new files.
 * @throws {OperationalError} ERR_UNAVAILABLE when nothing was found, or PortSentry's own
 * configuration is invalid: its faults are the caller's to tell first.
 */
export function planImport(found: FoundFiles, target: string): ImportPlan {
  const { portsentry, ignoreLists, jails } = found;
  if (portsentry === undefined && ignoreLists.length + jails.length === 0) {
    throw new OperationalError(
      "ERR_UNAVAILABLE",
      "there is nothing of PortSentry or fail2ban here",
    );
  }
  if (portsentry?.status === "invalid") {
    throw new OperationalError("ERR_UNAVAILABLE", "PortSentry's configuration is invalid");
  }
  const fail2ban = readFail2banIgnores(jails);
  const merged = mergeLists([
    ...ignoreLists.flatMap(({ path, text }) => listedWordsOf(text, path)),
    ...fail2ban.words,
  ]);
  const leftOut = [...merged.leftOut, ...fail2ban.leftOut];
  const ignorePath = join(target, "vedette.ignore");
  const mappings = mappingsOf(portsentry?.configuration, ignorePath);
  return {
    configPath: join(target, "vedette.conf"),
    configText: formatConfig(mappings),
    ignorePath,
    ignoreText: formatIgnores(merged, leftOut),
    mappings,
    ignored: merged.entries.length,
    leftOut,
  };
}

function mappingsOf(old: Configuration | undefined, ignorePath: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const key of CONFIG_SECTIONS.flatMap(({ keys }) => Object.keys(keys) as KeyName[])) {
    const own = CONFIG_KEYS[key].defaults.vedette;
    if (key === "IGNORE_FILE") {
      const note = "It holds what the lists of PortSentry and fail2ban hold.";
      if (ignorePath !== own) mappings.push({ key, value: ignorePath, from: "import", note });
    } else if (old !== undefined) {
      const value = old.texts[key];
      const source = old.sources[key];
      const isSaid = !source.startsWith("default");
      if (isSaid) mappings.push({ key, value, from: source, note: noteOfSaid(value, own) });
      else if (value !== own)
        mappings.push({ key, value, from: "PortSentry's way", note: noteOf(source, own) });
    }
  }
  return mappings;
}

function noteOfSaid(value: string, own: string): string {
  return value === own ? "As it was, and Vedette's own default." : "As it was.";
}

/** `source` is "default", or "default, because …". */
function noteOf(source: string, own: string): string {
  const reason = source.replace(/^default(?:, because )?/, "");
  const why = reason === "" ? "" : `${reason}. `;
  return `${why}Vedette's own is "${own}"; take this line away for it.`;
}

function formatConfig(mappings: readonly Mapping[]): string {
  const lines = [
    "# Made by `vedette config import`. Every key is here that differs from Vedette's own default,",
    "# so that all goes on as it was. `vedette config init` prints every key there is.",
  ];
  for (const { key, value, from, note } of mappings) {
    lines.push("", `# ${onOneLine(from)}: ${note}`, `${key}="${value}"`);
  }
  return `${lines.join("\n")}\n`;
}

function formatIgnores(merged: MergedLists, leftOut: readonly LeftOutWord[]): string {
  const lines = [
    "# Made by `vedette config import`: who is never held and never banned. One address, prefix or",
    "# host name a line; it is read again when it changes.",
    ...merged.entries.map(({ word, from }) => `${word}  # ${onOneLine(from)}`),
  ];
  if (leftOut.length > 0) lines.push("", "# Left out:");
  for (const { word, from, why } of leftOut) {
    lines.push(`# ${onOneLine(word)} of ${onOneLine(from)}: ${why}`);
  }
  return `${lines.join("\n")}\n`;
}

/** A path may hold a line end, and a list anything: a comment must not become a line. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
