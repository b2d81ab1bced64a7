/**
 * Who is trusted in a replay: those whom the ignore lists of the configuration name.
 *
 * What a guard finds out about its machine by itself (gateways, resolvers, who is logged in) nobody
 * knows of a capture's; `--ours` is never judged anyway. Host names are not resolved: a replay asks
 * nobody, and says the same tomorrow. That they were passed over is told.
 */
import { parseIgnoreFile } from "../../broker/trust/ignore-file.ts";
import { readFile } from "../../broker/trust/text-file.ts";
import type { Configuration } from "../../config/load.ts";
import { counted } from "../../counted.ts";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import { ignoreFileOf, ignoreFilePlaces } from "../trust-sources.ts";

export interface ReplayTrust {
  readonly entries: readonly TrustedEntry[];
  /** What is otherwise than it looks; one sentence each. */
  readonly notes: readonly string[];
}

/** Reads the lists; one that cannot be read is told and trusts nobody. */
export function readReplayTrust(configuration: Configuration): ReplayTrust {
  const entries: TrustedEntry[] = [];
  const notes: string[] = [];
  for (const { path, isRequired } of ignoreFilePlaces(ignoreFileOf(configuration))) {
    const reading = readFile(path);
    switch (reading.status) {
      case "read": {
        const parsed = parseIgnoreFile(reading.bytes.toString(), path);
        entries.push(...parsed.entries);
        notes.push(...parsed.faults);
        const names = parsed.names.length;
        if (names > 0) {
          notes.push(`${path}: ${counted(names, "host name")} not resolved in a replay.`);
        }
        break;
      }
      case "absent":
        if (isRequired) notes.push(`there is no ${path}; nobody is trusted by it`);
        break;
      default:
        notes.push(`${reading.reason}; nobody is trusted by it`);
    }
  }
  return { entries, notes };
}
