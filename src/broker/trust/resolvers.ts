/**
 * The DNS resolvers that this machine asks.
 *
 * Their late answers look like probes, and a forger who gets one banned silences the machine. The
 * servers behind systemd-resolved's stub are read too. Source: resolv.conf(5).
 */

import type { TrustedEntry } from "../../model/trusted-entry.ts";
import { parsePrefix } from "../../net/prefix.ts";
import { readFile } from "./text-file.ts";
import { readingOf, type TrustReading, type TrustSource } from "./trust-source.ts";

const PATHS = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"] as const;

/** @returns the servers named in the text, zones ("%eth0") taken off. */
export function parseResolvers(text: string): TrustedEntry[] {
  return text.split("\n").flatMap((line) => {
    const server = /^nameserver\s+([^\s%#;]+)/.exec(line)?.[1];
    // A prefix is no server, and parsePrefix alone would take one.
    const prefix = server === undefined || server.includes("/") ? undefined : parsePrefix(server);
    return prefix === undefined ? [] : [{ prefix, why: "DNS resolver" }];
  });
}

export class Resolvers implements TrustSource {
  readonly name = "DNS resolvers";
  readonly isVital = false;
  readonly #paths: readonly string[];

  constructor(paths: readonly string[] = PATHS) {
    this.#paths = paths;
  }

  read(): TrustReading {
    const entries: TrustedEntry[] = [];
    for (const path of this.#paths) {
      const file = readFile(path);
      if (file.status === "unreadable") return file;
      if (file.status === "read") entries.push(...parseResolvers(file.bytes.toString()));
    }
    return readingOf(entries);
  }
}
