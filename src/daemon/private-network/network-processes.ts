/**
 * Ends everything that runs in a private network, also what its programs started and forgot.
 *
 * Nobody else can be in a network that has no name and that we have made, so that being in it is
 * enough to be ended. Needs root: others may not see whose network is whose.
 */
import { readdirSync, readlinkSync } from "node:fs";
import { isSystemError } from "../../errors.ts";

/** The link text of a process's network: "net:[4026532281]". @returns undefined when it is gone. */
export function networkOf(pid: number | "self"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // It has ended, or is a zombie.
    return undefined;
  }
}

/** @returns the ids of all processes in that network. */
export function processesIn(network: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => networkOf(pid) === network);
}

/** Kills all processes in that network but `spared`; one that has just ended is left alone. */
export function killProcessesIn(network: string, spared?: number): void {
  if (spared !== process.pid && network === networkOf("self")) {
    throw new Error("the network to be ended is this process's own");
  }
  for (const pid of processesIn(network)) {
    if (pid === spared) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
}
