/**
 * Remote hosts of logged-in sessions, from systemd-logind's files.
 *
 * Only root can write there. A session counts when it is a user's, remote, and not closing. Host
 * names are passed over: whoever controls the reverse DNS of its address chooses what stands there.
 * Source: systemd, logind-session.c, session_save; the format is not promised, and unknown lines
 * are passed over.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../../errors.ts";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import { parsePrefix } from "../../net/prefix.ts";
import { readFile } from "./text-file.ts";
import { readingOf, type TrustReading, type TrustSource } from "./trust-source.ts";

const MAX_SESSIONS = 4096;

/** @returns the remote host of one session's file; empty when it has none that counts. */
export function parseLogindSession(text: string): TrustedEntry[] {
  const fields = new Map(
    text.split("\n").map((line): [string, string] => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
  const state = fields.get("STATE");
  const sessionClass = fields.get("CLASS") ?? "user";
  if (fields.get("REMOTE") !== "1" || !sessionClass.startsWith("user")) return [];
  if (state !== "active" && state !== "online") return [];
  const host = fields.get("REMOTE_HOST")?.replace(/%.*/, "") ?? "";
  const prefix = host.includes("/") ? undefined : parsePrefix(host);
  return prefix === undefined ? [] : [{ prefix, why: "logged in from there" }];
}

export class LogindSessions implements TrustSource {
  readonly name = "sessions of systemd-logind";
  readonly isVital = false;
  readonly #directory: string;

  constructor(directory = "/run/systemd/sessions") {
    this.#directory = directory;
  }

  read(): TrustReading {
    let names: string[];
    try {
      names = readdirSync(this.#directory);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const { code } = error;
      // Without systemd there is no such directory.
      if (code === "ENOENT") return readingOf([]);
      return { status: "unreadable", reason: `${this.#directory} cannot be read: ${code}` };
    }
    const entries: TrustedEntry[] = [];
    // Beside the files stand FIFOs ("3.ref"), which have a dot in their name.
    for (const name of names.filter((each) => /^\w+$/.test(each)).slice(0, MAX_SESSIONS)) {
      const file = readFile(join(this.#directory, name));
      if (file.status === "read") entries.push(...parseLogindSession(file.bytes.toString()));
    }
    return readingOf(entries);
  }
}
