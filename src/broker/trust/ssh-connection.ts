/**
 * Who has logged in to start this guard: SSH_CONNECTION of our own process and its ancestors.
 *
 * An administrator who tries the guard by hand must not be locked out by it. sudo takes the
 * variable away, so the parents are asked too. Read once: our ancestry does not change to somebody
 * else's. The first word is the client's address. Source: ssh(1), ENVIRONMENT; proc(5),
 * /proc/pid/environ.
 */

import type { TrustedEntry } from "../../model/trusted-entry.ts";
import { parsePrefix } from "../../net/prefix.ts";
import { readFile } from "./text-file.ts";
import { readingOf, type TrustReading, type TrustSource } from "./trust-source.ts";

/** Parents that are asked; a longer line of them is no login. */
const MAX_ANCESTORS = 32;

/** @returns the client in the text of an environment; entries are ended by NUL. */
export function parseSshConnection(environment: string): TrustedEntry[] {
  const value = environment.split("\0").find((entry) => entry.startsWith("SSH_CONNECTION="));
  const client = value?.slice("SSH_CONNECTION=".length).split(" ")[0]?.replace(/%.*/, "") ?? "";
  const prefix = client.includes("/") ? undefined : parsePrefix(client);
  return prefix === undefined ? [] : [{ prefix, why: "logged in by SSH, started this guard" }];
}

export class SshConnection implements TrustSource {
  readonly name = "SSH login that started the guard";
  readonly isVital = false;
  readonly #procRoot: string;
  readonly #pid: number;
  #reading: TrustReading | undefined;

  /** @param procRoot where /proc is; tests have their own. */
  constructor(procRoot = "/proc", pid: number = process.pid) {
    this.#procRoot = procRoot;
    this.#pid = pid;
  }

  read(): TrustReading {
    this.#reading ??= readingOf(this.#readAncestry());
    return this.#reading;
  }

  #readAncestry(): TrustedEntry[] {
    const entries: TrustedEntry[] = [];
    let pid = this.#pid;
    for (let step = 0; step < MAX_ANCESTORS && pid > 1; step += 1) {
      // Without CAP_SYS_PTRACE another user's environment is closed to us; its parent may not be.
      const environment = readFile(`${this.#procRoot}/${pid}/environ`);
      if (environment.status === "read") {
        entries.push(...parseSshConnection(environment.bytes.toString()));
      }
      const status = readFile(`${this.#procRoot}/${pid}/status`);
      const parent =
        status.status === "read" ? /^PPid:\s*(\d+)$/m.exec(status.bytes.toString()) : null;
      pid = Number(parent?.[1] ?? 0);
    }
    return entries;
  }
}
