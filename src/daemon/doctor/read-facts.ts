/**
 * Reads everything that the checks go by. Nothing of the machine is changed, and no question leaves
 * it; what cannot be read is a fact, too.
 */
import { dirname, join } from "node:path";
import { SocketView } from "../../broker/socket-view.ts";
import { parseIgnoreFile } from "../../broker/trust/ignore-file.ts";
import { sessionSources } from "../../broker/trust/sessions.ts";
import { readFile } from "../../broker/trust/text-file.ts";
import { systemClock } from "../../clock.ts";
import { formatFinding, formatWarning } from "../../config/findings.ts";
import { type Configuration, loadConfiguration } from "../../config/load.ts";
import { DEFAULT_CONFIG_PATHS } from "../../config/profile.ts";
import { readService } from "../../config/read-service.ts";
import { adviseOnService, formatAdvice } from "../../config/service-advice.ts";
import { OperationalError } from "../../errors.ts";
import { readClockSynchronised } from "../../kernel/clock-state.ts";
import { type Nftables, openNftables } from "../../kernel/nftables.ts";
import { SocketTable } from "../../kernel/sock-diag.ts";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import { GUARD_FILE, readGuardPlaces } from "../guard-places.ts";
import { LEDGER_FILE } from "../legacy-parts.ts";
import { findMissingInterfaces, findNeighbours } from "../neighbours.ts";
import { findUser, NOBODY } from "../privileges.ts";
import { surveyBlocklists } from "../survey-blocklists.ts";
import { challengeRateOf, phantomOf, planTable, readEphemeralPorts } from "../table-plan.ts";
import { ignoreFileOf, ignoreFilePlaces, openTrustFile } from "../trust-sources.ts";
import type { ConfigurationFact, Facts, FileFact, GuardFact, Reading } from "./facts.ts";
import { readFeatures } from "./read-features.ts";
import { readListeners } from "./read-listeners.ts";
import {
  readDisk,
  readFileFact,
  readFlushingFiles,
  readKernelRelease,
  readLegacyTables,
  readLogGroups,
  readNewestFileEpochMs,
  readStrictInterfaces,
  readUplinks,
} from "./read-machine.ts";
import { parseRuleset, type Ruleset } from "./ruleset.ts";

export interface FactsRequest {
  /** The guard of this run directory, which only the command can ask. */
  readonly guard: GuardFact;
  readonly stateDirectory: string;
  /** Named by the caller; undefined: what the last guard went by, or the next one would. */
  readonly configPath: string | undefined;
  /** Effective user. */
  readonly uid: number;
}

export async function readFacts(request: FactsRequest): Promise<Facts> {
  const { guard, stateDirectory, uid } = request;
  const isRoot = uid === 0;
  const loaded = load(request);
  const configuration = loaded.status === "ok" ? loaded.configuration : undefined;
  const nftables = openRules();
  const ruleset = readRuleset(nftables);
  const neighbours = findNeighbours(nftables.status === "read" ? nftables.value : undefined);
  if (nftables.status === "read") nftables.value.close();
  const unread = { status: "unread", reason: "there is no table to try" } as const;
  return {
    isRoot,
    uid,
    kernelRelease: readKernelRelease(),
    features:
      configuration === undefined || ruleset.status === "unread"
        ? unread
        : await readFeatures(planTable(configuration.values, false, readEphemeralPorts())),
    guard,
    configuration: loaded.fact,
    ruleset,
    legacyTables: readLegacyTables(),
    flushingFiles: readFlushingFiles(),
    neighbours,
    missingInterfaces: findMissingInterfaces(configuration?.values.INTERFACES ?? []),
    unreadBlocklists: await readUnreadBlocklists(configuration?.values.BLOCKLIST_FILES ?? []),
    listeners: readListeners(readEphemeralPorts()),
    ...readSessions(),
    lastingTrust: readLastingTrust(configuration, stateDirectory),
    files: readFiles(configuration, loaded.fact.path, stateDirectory),
    hasUser: findUser() !== undefined,
    nowEpochMs: systemClock.epochMs(),
    isClockSynchronised: readClockSynchronised(),
    newestFileEpochMs: readNewestFileEpochMs(stateDirectory),
    disk: readDisk(stateDirectory),
    logGroups: readLogGroups(),
    uplinks: readUplinks(),
    strictInterfaces: readStrictInterfaces(),
  };
}

type Loaded =
  | {
      readonly status: "ok";
      readonly configuration: Configuration;
      readonly fact: ConfigurationFact;
    }
  | { readonly status: "invalid"; readonly fact: ConfigurationFact };

function load({ configPath, stateDirectory }: FactsRequest): Loaded {
  const left = readGuardPlaces(stateDirectory);
  const places = configPath === undefined && left.status === "read" ? left.places : undefined;
  const path = configPath ?? places?.configPath;
  // The default file need not be there.
  const named = path === DEFAULT_CONFIG_PATHS.vedette ? configPath : path;
  const overrides = places && { TCP_MODE: places.modes.tcp, UDP_MODE: places.modes.udp };
  const loaded = loadConfiguration({ path: named, overrides });
  if (loaded.status === "invalid") {
    const faults = loaded.faults.map(formatFinding);
    return { status: "invalid", fact: { status: "invalid", path: path ?? "", faults } };
  }
  const { configuration } = loaded;
  const { values, warnings } = configuration;
  const unit = readService();
  const fact = {
    status: "ok",
    path: configuration.path,
    values,
    warnings: warnings.map(formatWarning),
    limits: unit === undefined ? [] : adviseOnService(configuration.texts, unit).map(formatAdvice),
    answersProbes: challengeRateOf(values, false) > 0 || phantomOf(values, false) !== "off",
  } as const;
  return { status: "ok", configuration, fact };
}

async function readUnreadBlocklists(paths: readonly string[]): Promise<string[]> {
  const lists = await surveyBlocklists(paths);
  return lists.flatMap(({ isRead, faults }) => (isRead ? [] : faults));
}

function openRules(): Reading<Nftables> {
  try {
    return { status: "read", value: openNftables() };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { status: "unread", reason: error.message };
  }
}

function readRuleset(nftables: Reading<Nftables>): Reading<Ruleset> {
  if (nftables.status === "unread") return nftables;
  const listing = nftables.value.run("list ruleset", { isStateless: true, isTerse: true });
  return listing.status === "ok"
    ? { status: "read", value: parseRuleset(listing.output) }
    : { status: "unread", reason: listing.reason };
}

function readSessions(): Pick<Facts, "sessions" | "unseenSessions"> {
  const table = new SocketTable();
  try {
    table.open();
    const readings = sessionSources(new SocketView(table, systemClock)).map((each) => each.read());
    return {
      sessions: readings.flatMap((each) => (each.status === "read" ? each.entries : [])),
      unseenSessions: readings.flatMap((each) => (each.status === "read" ? [] : each.reason)),
    };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { sessions: [], unseenSessions: [error.message] };
  } finally {
    table.close();
  }
}

/** Host names of the lists are passed over: nothing is asked of a name server. */
function readLastingTrust(
  configuration: Configuration | undefined,
  stateDirectory: string,
): Reading<readonly TrustedEntry[]> {
  if (configuration === undefined) return { status: "unread", reason: "no valid configuration" };
  const byHand = openTrustFile(stateDirectory).read();
  if (byHand.status === "unreadable") return { status: "unread", reason: byHand.reason };
  const entries = [...byHand.entries];
  for (const { path } of ignoreFilePlaces(ignoreFileOf(configuration))) {
    const file = readFile(path);
    if (file.status === "unreadable") return { status: "unread", reason: file.reason };
    if (file.status === "read") {
      entries.push(...parseIgnoreFile(file.bytes.toString(), path).entries);
    }
  }
  return { status: "read", value: entries };
}

function readFiles(
  configuration: Configuration | undefined,
  configPath: string,
  stateDirectory: string,
): FileFact[] {
  const lists = configuration === undefined ? [] : ignoreFilePlaces(ignoreFileOf(configuration));
  const program = configuration?.values.ALERT_COMMAND;
  const programs = program === undefined ? [] : [program];
  const guardUid = (findUser() ?? NOBODY).uid;
  const named = configPath === "" ? [] : [configPath];
  // Who may write there can put another file in the place of the one that he may not.
  const folders = new Set(
    [...named, ...lists.map(({ path }) => path)].map((path) => dirname(path)),
  );
  return [
    ...named.map((path) => readFileFact(path, "the configuration")),
    ...lists.map(({ path, isRequired }) => readFileFact(path, "an ignore list", { isRequired })),
    ...[...folders].map((path) =>
      readFileFact(path, "where the configuration or an ignore list lies", { kind: "directory" }),
    ),
    ...programs.flatMap((path) => [
      readFileFact(path, "the program of ALERT_COMMAND", { isRequired: true, kind: "program" }),
      readFileFact(dirname(path), "where the program of ALERT_COMMAND lies", { kind: "directory" }),
    ]),
    readFileFact(stateDirectory, "the state directory", { kind: "directory" }),
    readFileFact(join(stateDirectory, "trusted"), "the trust file"),
    readFileFact(join(stateDirectory, GUARD_FILE), "what the last guard went by"),
    readFileFact(join(stateDirectory, LEDGER_FILE), "the ledger of what was done"),
    readFileFact(join(stateDirectory, "journal"), "the journal's directory", {
      kind: "directory",
      owner: guardUid,
    }),
  ];
}
