/**
 * Reads the configuration and checks all of it before anything acts on it.
 *
 * A text comes from the command line, else from the file, else it is the profile's default. All
 * faults are told at once, each with its place. The typed values are made from the texts alone, so
 * that the broker can hand the texts to the guard process, which makes the same values of them.
 */
import { createHash } from "node:crypto";
import type { Profile } from "../config-key.ts";
import { OperationalError } from "../errors.ts";
import { COMMAND_LINE, type ConfigRequest, collectTexts } from "./collect.ts";
import { deriveDefault } from "./derived-defaults.ts";
import { findDoubtfulSettings } from "./doubtful-settings.ts";
import { AFTER_THE_FILE, type ConfigFinding, Findings, formatFinding } from "./findings.ts";
import { findIdleKeys } from "./idle-keys.ts";
import type { PlacedText } from "./placed-text.ts";
import type { ConfigTexts, KeyName, Settings } from "./schema.ts";
import { CONFIG_KEYS, findConflicts, KEY_NAMES } from "./schema.ts";

/** Faults that a command names which cannot go on: a file of something else has one a line. */
const MOST_TOLD = 10;

export interface Configuration {
  readonly values: Settings;
  /** The texts in force. */
  readonly texts: ConfigTexts;
  /**
   * Where each text comes from: "FILE:LINE" (the file, or that of the modes), "command line", or
   * "default", which is the profile's, followed by the reason where the default follows from
   * another key.
   */
  readonly sources: Readonly<Record<KeyName, string>>;
  readonly profile: Profile;
  /** Names the texts in force: the same for the same texts, wherever they come from. */
  readonly revision: string;
  /** The file that was, or would have been, read. */
  readonly path: string;
  /** What is in force otherwise than it looks. */
  readonly warnings: readonly ConfigFinding[];
  /** Lines of the file that the command line goes before, and says something else. */
  readonly overruled: readonly ConfigFinding[];
  /** Who else can write the file, where it is taken all the same; with what to do. */
  readonly looseness: string | undefined;
}

export type LoadedConfiguration =
  | { readonly status: "ok"; readonly configuration: Configuration }
  | {
      readonly status: "invalid";
      readonly faults: readonly ConfigFinding[];
      readonly warnings: readonly ConfigFinding[];
    };

/** Reads and checks; never throws for what an operator can write into a file. */
export function loadConfiguration(request: ConfigRequest = {}): LoadedConfiguration {
  const findings = new Findings();
  const { path, profile, texts: said, overruled, looseness } = collectTexts(request, findings);
  const at = (key: KeyName): PlacedText =>
    said.get(key) ?? defaultOf(key, profile, (other) => at(other).text);
  const values = parseTexts(at, findings);
  if (values !== undefined) {
    const texts = recordOf((key) => at(key).text);
    const isSaid = (key: KeyName) => said.has(key);
    const warned = [
      ...findIdleKeys(values, texts, isSaid),
      ...findDoubtfulSettings({ settings: values, texts, isSaid }),
    ];
    for (const { key, text } of warned) findings.warn(at(key).place, `${key}: ${text}`);
  }
  const { faults, warnings } = findings;
  if (values === undefined || faults.length > 0) return { status: "invalid", faults, warnings };

  const texts = recordOf((key) => at(key).text);
  const sources = recordOf((key) => at(key).place.name);
  const revision = revisionOf(texts);
  return {
    status: "ok",
    configuration: {
      ...{ values, texts, sources, profile, revision, path, warnings, overruled },
      looseness,
    },
  };
}

/** As loaded, and who has forgotten the command line is told which lines of the file it overrules. */
export function warnOfOverruled(loaded: LoadedConfiguration): LoadedConfiguration {
  if (loaded.status === "invalid") return loaded;
  const { configuration } = loaded;
  const warnings = [...configuration.overruled, ...configuration.warnings];
  return { status: "ok", configuration: { ...configuration, warnings } };
}

/** The same configuration with other texts of some keys, checked whole; files are not read. */
export function changeTexts(
  configuration: Configuration,
  changes: Partial<ConfigTexts>,
): LoadedConfiguration {
  const findings = new Findings();
  const at = (key: KeyName): PlacedText => ({
    text: changes[key] ?? configuration.texts[key],
    place: {
      name: changes[key] === undefined ? configuration.sources[key] : COMMAND_LINE.name,
      order: AFTER_THE_FILE,
    },
  });
  const values = parseTexts(at, findings);
  const { faults } = findings;
  const { warnings } = configuration;
  if (values === undefined || faults.length > 0) return { status: "invalid", faults, warnings };
  const texts = recordOf((key) => at(key).text);
  const sources = recordOf((key) => at(key).place.name);
  const changed = { ...configuration, values, texts, sources, revision: revisionOf(texts) };
  return { status: "ok", configuration: changed };
}

/**
 * The same as {@link loadConfiguration} for a command that cannot go on without.
 * @throws {OperationalError} ERR_CONFIG_INVALID with the first {@link MOST_TOLD} faults, one a line,
 * and how many more there are.
 */
export function requireConfiguration(request: ConfigRequest = {}): Configuration {
  const loaded = loadConfiguration(request);
  if (loaded.status === "ok") return loaded.configuration;
  const lines = loaded.faults.slice(0, MOST_TOLD).map(formatFinding);
  const more = loaded.faults.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  const summary =
    lines.length === 1
      ? (lines[0] as string)
      : `the configuration is invalid:\n${lines.join("\n")}`;
  throw new OperationalError("ERR_CONFIG_INVALID", summary);
}

/**
 * The typed values of texts that were checked before, by another process of the same version.
 * A text that does not fit is a bug and throws; a key that is missing takes the default of profile
 * vedette.
 */
export function loadConfigurationTexts(texts: Readonly<Record<string, string>>): Settings {
  const findings = new Findings();
  const place = { name: "handed over", order: 0 };
  const at = (key: KeyName): PlacedText => ({
    text: Object.hasOwn(texts, key) ? (texts[key] as string) : CONFIG_KEYS[key].defaults.vedette,
    place,
  });
  const values = parseTexts(at, findings);
  const { faults } = findings;
  if (values === undefined || faults.length > 0) {
    throw new Error(`texts were handed over unchecked: ${faults.map(formatFinding).join("; ")}`);
  }
  return values;
}

function defaultOf(key: KeyName, profile: Profile, textOf: (key: KeyName) => string): PlacedText {
  const derived = profile === "portsentry" ? deriveDefault(key, textOf) : undefined;
  const text = derived?.text ?? CONFIG_KEYS[key].defaults[profile];
  const name = derived === undefined ? "default" : `default, because ${derived.because}`;
  return { text, place: { name, order: AFTER_THE_FILE } };
}

/** @returns undefined when a text does not fit; conflicts between keys join `findings`, too. */
function parseTexts(at: (key: KeyName) => PlacedText, findings: Findings): Settings | undefined {
  const values: Partial<Record<KeyName, unknown>> = {};
  let isComplete = true;
  for (const key of KEY_NAMES) {
    const { text, place } = at(key);
    const parsed = CONFIG_KEYS[key].parse(text);
    if (parsed.status === "ok") {
      values[key] = parsed.value;
    } else {
      isComplete = false;
      const problem = parsed.problem ?? `expected ${parsed.expected}, not "${text}"`;
      findings.fault(place, `${key}: ${problem}`);
    }
  }
  if (!isComplete) return undefined;
  // Every key was parsed by its own parser, which is what Settings is inferred from.
  const settings = values as Settings;
  const texts = recordOf((key) => at(key).text);
  for (const { key, text } of findConflicts(settings, texts)) {
    findings.fault(at(key).place, `${key}: ${text}`);
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
