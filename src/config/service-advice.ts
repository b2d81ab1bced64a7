/**
 * What of a configuration the service that runs it would prevent, key by key.
 *
 * Commands are looked into, and so are the shell scripts that they call, one deep.
 */

import { SERVICE_NAME } from "./read-service.ts";
import { readSmallFile } from "./read-small-file.ts";
import type { ConfigTexts, KeyName } from "./schema.ts";
import { findServiceLimits, type ServiceLimit } from "./service-limits.ts";
import type { ServiceUnit } from "./service-unit.ts";
import { type ShellUses, usesOf } from "./shell-uses.ts";

/** Something that a key asks for and a setting of the service prevents. */
export interface ServiceAdvice extends ServiceLimit {
  readonly key: KeyName;
}

const COMMAND_KEYS = ["KILL_ROUTE", "KILL_RUN_CMD", "UNKILL_ROUTE", "UNKILL_RUN_CMD"] as const;

const TOKEN_KEYS = ["API_TOKEN_FILE", "API_READ_TOKEN_FILE"] as const;

const FILE_KEYS = ["HISTORY_FILE", "BLOCKED_FILE", "BLOCK_LOG"] as const;

/** Where the lines of KILL_HOSTS_DENY go; the file is replaced as a whole. */
const HOSTS_DENY = "/etc/hosts.deny";

/** A script that is longer is a program. */
const MAX_SCRIPT_KIB = 64;

/** @param readScript the text of a shell script; undefined for what is none. */
export function adviseOnService(
  texts: ConfigTexts,
  unit: ServiceUnit,
  readScript: (path: string) => string | undefined = readShellScript,
): readonly ServiceAdvice[] {
  const advise = (key: KeyName, uses: ShellUses): ServiceAdvice[] =>
    findServiceLimits(unit, uses).map((limit) => ({ key, ...limit }));
  return [
    ...COMMAND_KEYS.flatMap((key) => advise(key, usesWithScripts(texts[key], readScript))),
    ...advise("ALERT_COMMAND", usesWithScripts(texts.ALERT_COMMAND, readScript)),
    ...(texts.KILL_HOSTS_DENY === "" ? [] : advise("KILL_HOSTS_DENY", writing(HOSTS_DENY))),
    ...TOKEN_KEYS.flatMap((key) => (texts[key] === "" ? [] : advise(key, reading(texts[key])))),
    ...pathsIn(texts.GEO_DB).flatMap((path) => advise("GEO_DB", reading(path))),
    ...FILE_KEYS.flatMap((key) => (texts[key] === "" ? [] : advise(key, writing(texts[key])))),
  ];
}

/** "KILL_RUN_CMD: ProtectHome=yes of vedette.service keeps /home/a from being seen". */
export function formatAdvice({ key, directive, text }: ServiceAdvice): string {
  return `${key}: ${directive} of ${SERVICE_NAME} ${text}`;
}

function pathsIn(text: string): string[] {
  return text.split(/\s+/).filter((path) => path !== "");
}

function reading(path: string): ShellUses {
  return { commands: [], reads: [path], writes: [] };
}

function writing(path: string): ShellUses {
  return { commands: [], reads: [], writes: [path] };
}

function usesWithScripts(
  line: string,
  readScript: (path: string) => string | undefined,
): ShellUses {
  const own = usesOf(line);
  const scripts = own.reads.flatMap((path) => readScript(path) ?? []).map(usesOf);
  return {
    commands: [own, ...scripts].flatMap(({ commands }) => commands),
    reads: [own, ...scripts].flatMap(({ reads }) => reads),
    writes: [own, ...scripts].flatMap(({ writes }) => writes),
  };
}

function readShellScript(path: string): string | undefined {
  const script = readSmallFile(path, MAX_SCRIPT_KIB);
  if (script.status !== "read") return undefined;
  return /^#!.*\b(?:sh|dash|bash)\b/.test(script.text) ? script.text : undefined;
}
