/**
 * The pid of a `portsentry` that goes on without a terminal, in the run directory: what stops it.
 *
 * start-stop-daemon looks for a program at /usr/sbin/portsentry, and this one is Node; with
 * --pidfile it finds it. One file for each of 1.2's words, since there may be two processes.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../../errors.ts";
import type { PortsentryRequest } from "./request.ts";

/** "portsentry-atcp.pid" for `portsentry -atcp`, "portsentry.pid" for a line of 2.x. */
export function pidFileName({ dialect, tcpMode, udpMode }: PortsentryRequest): string {
  return dialect === "1.2" ? `portsentry-${tcpMode || udpMode}.pid` : "portsentry.pid";
}

/** @returns why it could not be written, in words; undefined when it was. */
export function writePidFile(runDirectory: string, name: string): string | undefined {
  const path = join(runDirectory, name);
  try {
    // What a crash has left there is nobody's; "wx" follows no link that somebody laid.
    rmSync(path, { force: true });
    writeFileSync(path, `${process.pid}\n`, { flag: "wx", mode: 0o644 });
    return undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return `${path} cannot be written: ${error.code ?? error.message}`;
  }
}

/** Leaves one that names another process. */
export function removePidFile(runDirectory: string, name: string): void {
  const path = join(runDirectory, name);
  try {
    if (readFileSync(path, "utf8") === `${process.pid}\n`) rmSync(path, { force: true });
  } catch (error) {
    // Gone with the directory.
    if (!isSystemError(error)) throw error;
  }
}
