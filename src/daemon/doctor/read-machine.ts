/** Reads the small things about the machine: clock, disk, log groups, routes, files. */

import { existsSync, readdirSync, readFileSync, type Stats, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { readFile } from "../../broker/trust/text-file.ts";
import { isSystemError } from "../../errors.ts";
import { GUARD_FILE } from "../guard-places.ts";
import type { Disk, Facts, FileFact, Reading } from "./facts.ts";

/** Loaded at boot by Debian's nftables.service, and at each reload of it. */
const NFTABLES_FILE = "/etc/nftables.conf";

function textOf(path: string): string {
  const file = readFile(path);
  return file.status === "read" ? file.bytes.toString() : "";
}

interface FileExpectation {
  readonly owner?: number | undefined;
  /** Default false. */
  readonly isRequired?: boolean;
  /** What is in its place where a file should be cannot be read. Default "file". */
  readonly kind?: "file" | "directory" | "program";
}

/** A file is there in order to be looked at, and its absence is told, too. */
export function readFileFact(
  path: string,
  what: string,
  { owner, isRequired = false, kind = "file" }: FileExpectation = {},
): FileFact {
  const base = { path, what, owner, isRequired, isProgram: kind === "program" };
  const unseen = { ...base, isDirectory: false, uid: 0, mode: 0 };
  try {
    const stats = statSync(path);
    const isDirectory = stats.isDirectory();
    const fact = { ...base, isDirectory, uid: stats.uid, mode: stats.mode & 0o7777 };
    return { ...fact, status: isAsExpected(path, kind, stats) ? "there" : "unreadable" };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const isAbsent = error.code === "ENOENT" || error.code === "ENOTDIR";
    return { ...unseen, status: isAbsent ? "absent" : "unreadable" };
  }
}

/** A program is run and not read, and may be longer than what is. */
function isAsExpected(path: string, kind: FileExpectation["kind"], stats: Stats): boolean {
  if (kind === "directory") return stats.isDirectory();
  return kind === "program" ? stats.isFile() : readFile(path).status === "read";
}

/** The file system of `directory`, or of the nearest directory above it that is there. */
export function readDisk(directory: string): Reading<Disk> {
  let path = directory;
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  try {
    const { bavail, bsize, files, ffree } = statfsSync(path);
    const freeFiles = files > 0 ? ffree : undefined;
    return { status: "read", value: { path, freeBytes: bavail * bsize, freeFiles } };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { status: "unread", reason: error.message };
  }
}

/** Our own programs, and what the last guard has left. @returns undefined when none can be seen. */
export function readNewestFileEpochMs(stateDirectory: string): number | undefined {
  const paths = [import.meta.filename, join(stateDirectory, GUARD_FILE)];
  const times = paths.flatMap((path) => {
    try {
      return [statSync(path).mtimeMs];
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return [];
    }
  });
  return times.length === 0 ? undefined : Math.max(...times);
}

/** @returns who reads which group; empty before the first reader has loaded the module. */
export function readLogGroups(): Facts["logGroups"] {
  const path = "/proc/net/netfilter/nfnetlink_log";
  const file = readFile(path);
  if (file.status === "unreadable") return { status: "unread", reason: file.reason };
  const groups = new Map<number, number>();
  if (file.status === "read") {
    for (const line of file.bytes.toString().split("\n")) {
      const [group, portId] = line.trim().split(/\s+/).map(Number);
      if (group !== undefined && portId !== undefined) groups.set(group, portId);
    }
  }
  return { status: "read", value: groups };
}

/** Interfaces with a default route of IPv4: IPv6 has no reverse-path filter. */
export function readUplinks(): string[] {
  const ipv4 = textOf("/proc/net/route")
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000");
  return [...new Set(ipv4.map(([name = ""]) => name))];
}

/** Interfaces whose reverse-path filter is strict; the larger of two settings holds (ip-sysctl). */
export function readStrictInterfaces(): string[] {
  const folder = "/proc/sys/net/ipv4/conf";
  const filterOf = (name: string) => Number(textOf(join(folder, name, "rp_filter")).trim());
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const all = filterOf("all");
  return names
    .filter((name) => name !== "all" && name !== "default")
    .filter((name) => Math.max(all, filterOf(name)) === 1);
}

/** Tables of iptables-legacy that have been used since the boot. */
export function readLegacyTables(): string[] {
  const files = ["/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"];
  return [...new Set(files.flatMap((path) => textOf(path).split("\n").filter(Boolean)))];
}

/** Files that flush everybody's rules, among those that are loaded by themselves. */
export function readFlushingFiles(): string[] {
  const flushes = /^\s*flush ruleset\s*;?\s*$/m.test(textOf(NFTABLES_FILE));
  return flushes && isServiceEnabled("nftables.service") ? [NFTABLES_FILE] : [];
}

/** As systemctl enable leaves it. */
function isServiceEnabled(unit: string): boolean {
  const folder = "/etc/systemd/system";
  const wanting = existsSync(folder) ? readdirSync(folder) : [];
  return wanting
    .filter((name) => name.endsWith(".wants"))
    .some((name) => existsSync(join(folder, name, unit)));
}

/** Release of the kernel, as uname -r prints it. */
export function readKernelRelease(): string {
  return readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
}
