/** What processes have written, from /proc/PID/io; children that have ended are counted as theirs. */
import { readFileSync } from "node:fs";

export interface Written {
  /** What went to the disk, or will, from this process's pages (`write_bytes`). Bytes. */
  readonly bytes: number;
  /** Calls of write(2) and its like, on files and on pipes (`syscw`). */
  readonly calls: number;
}

/** Of these processes so far. */
export function writtenBy(pids: readonly number[]): Written {
  return pids
    .map((pid) => parseProcessIo(readFileSync(`/proc/${pid}/io`, "utf8")))
    .reduce((sum, each) => ({ bytes: sum.bytes + each.bytes, calls: sum.calls + each.calls }), {
      ...{ bytes: 0, calls: 0 },
    });
}

/** @throws {Error} when a line is missing (proc_pid_io(5)). */
export function parseProcessIo(text: string): Written {
  return { bytes: read(text, "write_bytes"), calls: read(text, "syscw") };
}

function read(text: string, name: string): number {
  const value = new RegExp(`^${name}: (\\d+)$`, "m").exec(text)?.[1];
  if (value === undefined) throw new Error(`/proc/PID/io has no ${name}`);
  return Number(value);
}
