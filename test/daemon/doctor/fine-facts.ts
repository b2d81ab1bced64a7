/** A machine on which nothing is wrong, and ways to spoil it. */
import type { StatusView } from "../../../src/api/contract.ts";
import { loadConfigurationTexts } from "../../../src/config/load.ts";
import { examine } from "../../../src/daemon/doctor/examine.ts";
import type {
  ConfigurationFact,
  Facts,
  FileFact,
  ServiceListener,
} from "../../../src/daemon/doctor/facts.ts";
import { parseRuleset } from "../../../src/daemon/doctor/ruleset.ts";
import { type Prefix, parsePrefix } from "../../../src/net/prefix.ts";

export const NOW_EPOCH_MS = Date.parse("2026-11-22T13:00:00.000Z");

/** A guard that began an hour ago and is well. */
export const VIEW: StatusView = {
  version: "0.1.0",
  state: "guarding",
  sentence: "guarding",
  mode: { tcp: "atcp", udp: "audp" },
  since: "2026-11-22T12:00:00.000Z",
  probes: 0,
  verdicts: 0,
  campaigns: 0,
  lost: 0,
  unlogged: 0,
  malformed: 0,
  held: 0,
  holds: 0,
  banned: 0,
  tracked: 0,
  trusted: 1,
  trusted_saves: 0,
  dropped: 0,
  full: 0,
  challenges: null,
  phantom: null,
  blocklists: null,
  journal_failures: 0,
  table: "",
  config_revision: "0",
  confirm_by: null,
  health: [],
};

/** The defaults, with these keys changed. */
export function configured(overrides: Readonly<Record<string, string>> = {}): ConfigurationFact {
  const values = loadConfigurationTexts(overrides);
  const path = "/etc/vedette/vedette.conf";
  return {
    status: "ok",
    path,
    values,
    warnings: [],
    limits: [],
    answersProbes: values.CHALLENGE_RATE > 0,
  };
}

export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`${text} is no prefix`);
  return parsed;
}

export function rules(listing: string): Facts["ruleset"] {
  return { status: "read", value: parseRuleset(listing) };
}

/** One base chain of table "inet filter" in nft's listing, indented as nft does. */
export function chain(
  hook: string,
  priority: number,
  policy: "accept" | "drop",
  lines: readonly string[],
): Facts["ruleset"] {
  const base = `type filter hook ${hook} priority ${priority}; policy ${policy};`;
  const body = [base, ...lines].map((line) => `\t\t${line}`).join("\n");
  return rules(`table inet filter {\n\tchain all {\n${body}\n\t}\n}\n`);
}

function listener(changes: Partial<ServiceListener>): ServiceListener {
  return {
    transport: "tcp",
    address: "0.0.0.0",
    port: 80,
    program: "nginx",
    command: "nginx: master process",
    pid: 700,
    sinceEpochMs: NOW_EPOCH_MS - 86_400_000,
    ...changes,
  };
}

export function listening(...changes: readonly Partial<ServiceListener>[]): Facts["listeners"] {
  return { status: "read", value: changes.map(listener) };
}

export function file(changes: Partial<FileFact>): FileFact {
  return {
    path: "/etc/vedette/vedette.conf",
    what: "the configuration",
    status: "there",
    isDirectory: false,
    uid: 0,
    mode: 0o644,
    owner: undefined,
    isRequired: false,
    isProgram: false,
    ...changes,
  };
}

export const FINE: Facts = {
  isRoot: true,
  uid: 0,
  kernelRelease: "6.1.0-13-amd64",
  features: { status: "read", value: [] },
  guard: { status: "running", view: VIEW },
  configuration: configured(),
  ruleset: rules(""),
  legacyTables: [],
  flushingFiles: [],
  neighbours: [],
  missingInterfaces: [],
  unreadBlocklists: [],
  listeners: listening({}, { port: 22, program: "sshd" }),
  sessions: [{ prefix: prefix("203.0.113.9"), why: "logged in from there" }],
  unseenSessions: [],
  lastingTrust: {
    status: "read",
    value: [{ prefix: prefix("203.0.113.0/24"), why: "trusted by hand" }],
  },
  files: [file({})],
  hasUser: true,
  nowEpochMs: NOW_EPOCH_MS,
  isClockSynchronised: true,
  newestFileEpochMs: NOW_EPOCH_MS - 1000,
  disk: { status: "read", value: { path: "/var/lib", freeBytes: 2 ** 30, freeFiles: 10_000 } },
  logGroups: { status: "read", value: new Map([[4242, 700]]) },
  uplinks: ["eth0"],
  strictInterfaces: [],
};

/** What is found when something differs from {@link FINE}: "error file-writable". */
export function found(changes: Partial<Facts>): string[] {
  return examine({ ...FINE, ...changes }).map(({ severity, code }) => `${severity} ${code}`);
}

/** The texts of what is found, with what is to be done. */
export function told(changes: Partial<Facts>): string {
  return examine({ ...FINE, ...changes })
    .map(({ text, action }) => `${text} ${action}`)
    .join("\n");
}
