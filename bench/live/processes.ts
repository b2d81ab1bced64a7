/**
 * What processes have used, from /proc.
 *
 * A process that ends meanwhile takes what it used along, unless its parent is one of those asked
 * for: the kernel adds ended children to their parents, so an iptables that a peer ran is counted.
 */
import { readdirSync, readFileSync } from "node:fs";

/** A tick of /proc/PID/stat, of the user interface of every Linux. Seconds. */
const TICK_SECONDS = 0.01;

/** CPU time of these processes so far, ended children included. Seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ownSeconds(pid) + childrenSeconds(pid), 0);
}

/** From the scheduler, which counts nanoseconds. */
function ownSeconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [runNs = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    return sum + Number(runNs) / 1e9;
  }, 0);
}

/** proc_pid_stat(5), fields 16 and 17. */
function childrenSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * TICK_SECONDS;
}

/** Resident memory, as `ps` tells it: what two processes share is counted twice. Bytes. */
export function residentBytes(pids: readonly number[]): number {
  return sumOf(pids, "Rss");
}

/** Resident memory in which a page that several processes share is divided among them. Bytes. */
export function proportionalBytes(pids: readonly number[]): number {
  return sumOf(pids, "Pss");
}

/** Memory of its own that no file backs: heaps, buffers and stacks. Bytes. */
export function anonymousBytes(pids: readonly number[]): number {
  return sumOf(pids, "Anonymous");
}

/** The most that each has ever had resident. Bytes. */
export function peakBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    return sum + Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
  }, 0);
}

function sumOf(pids: readonly number[], field: "Rss" | "Pss" | "Anonymous"): number {
  return pids.reduce((sum, pid) => {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return sum + Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1024;
  }, 0);
}
