/**
 * Reads what an import takes over from: the files of PortSentry and fail2ban below an /etc.
 *
 * A file that is not there is nothing; one that cannot be read stops the import, because its
 * addresses would be missing from the new ignore file without a word.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import { OperationalError } from "../../errors.ts";
import { type LoadedConfiguration, loadConfiguration } from "../load.ts";
import { readSmallFile } from "../read-small-file.ts";
import type { NamedText } from "./fail2ban.ts";

/** As much as the guard reads of an ignore file. */
const MAX_FILE_KIB = 16_384;

export interface FoundFiles {
  /** portsentry.conf with the modes of default/portsentry; undefined: there is none. */
  readonly portsentry: LoadedConfiguration | undefined;
  /** PortSentry's ignore lists, that which people edit first. */
  readonly ignoreLists: readonly NamedText[];
  /** fail2ban's jail files, in its own order. */
  readonly jails: readonly NamedText[];
}

/**
 * @param etc the directory that stands for /etc.
 * @throws {OperationalError} ERR_UNAVAILABLE when a file cannot be read.
 */
export function readFoundFiles(etc: string): FoundFiles {
  const path = join(etc, "portsentry/portsentry.conf");
  const portsentry =
    readOptional(path) === undefined
      ? undefined
      : loadConfiguration({ path, modesPath: join(etc, "default/portsentry") });
  return {
    portsentry,
    ignoreLists: readAll(ignorePathsOf(portsentry, etc)),
    jails: readAll([
      join(etc, "fail2ban/jail.conf"),
      ...globSync(join(etc, "fail2ban/jail.d/*.conf")).sort(),
      join(etc, "fail2ban/jail.local"),
      ...globSync(join(etc, "fail2ban/jail.d/*.local")).sort(),
    ]),
  };
}

/** Debian merges the .static list into the other, which then holds addresses of that day, too. */
function ignorePathsOf(portsentry: LoadedConfiguration | undefined, etc: string): string[] {
  const usual = join(etc, "portsentry/portsentry.ignore");
  const named =
    portsentry?.status === "ok" ? portsentry.configuration.values.IGNORE_FILE : undefined;
  const path = named === undefined ? usual : named.replace(/^\/etc(?=\/)/, etc);
  return [...new Set([`${path}.static`, path, `${usual}.static`, usual])];
}

function readAll(paths: readonly string[]): NamedText[] {
  return paths.flatMap((path) => {
    const text = readOptional(path);
    return text === undefined ? [] : [{ path, text }];
  });
}

function readOptional(path: string): string | undefined {
  const file = readSmallFile(path, MAX_FILE_KIB);
  if (file.status === "read") return file.text;
  if (file.status === "absent") return undefined;
  throw new OperationalError("ERR_UNAVAILABLE", `${path} cannot be read: ${file.reason}`);
}
