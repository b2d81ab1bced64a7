/**
 * What `apt purge portsentry` deletes, so that nobody loses by it what the new set-up goes on
 * using.
 *
 * As Debian's package 1.2 does it: dpkg deletes the configuration files, its postrm script the
 * rest. `apt remove` leaves all of them.
 */
import type { Settings } from "../schema.ts";

export interface PurgedFile {
  /** A path; "*" stands for the modes. */
  readonly path: string;
  /** The key that goes on using it; undefined: nothing does. */
  readonly usedBy: string | undefined;
}

const PURGED = [
  "/etc/portsentry/portsentry.conf",
  "/etc/portsentry/portsentry.ignore",
  "/etc/portsentry/portsentry.ignore.static",
  "/etc/default/portsentry",
  "/var/lib/portsentry/portsentry.history",
  "/var/lib/portsentry/portsentry.blocked.*",
] as const;

/** @param values of the imported configuration; undefined: none was imported. */
export function listPurgedFiles(values: Settings | undefined): PurgedFile[] {
  const used = new Map<string | undefined, string>([
    [values?.HISTORY_FILE, "HISTORY_FILE"],
    [values?.BLOCKED_FILE === undefined ? undefined : `${values.BLOCKED_FILE}.*`, "BLOCKED_FILE"],
  ]);
  used.delete(undefined);
  return PURGED.map((path) => ({ path, usedBy: used.get(path) }));
}
