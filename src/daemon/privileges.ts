/**
 * How the guard gives up what it does not need, before it reads its first hostile byte.
 *
 * The process starts as root, because the program's own files may lie where only root can read, and
 * becomes an unprivileged user for good as soon as its code is loaded.
 */
import { readFileSync } from "node:fs";
import { OperationalError } from "../errors.ts";

/** Who the guard becomes. */
export interface UnprivilegedUser {
  readonly uid: number;
  readonly gid: number;
}

/** The user that the package makes; members of the group of that name may operate the guard. */
const VEDETTE_USER = "vedette";

/** Debian's `nobody` and `nogroup`: what is left where the user was never made. */
export const NOBODY: UnprivilegedUser = { uid: 65_534, gid: 65_534 };

/** Reads one number of a line of passwd(5) or group(5). */
function findId(file: string, name: string, field: number): number | undefined {
  const line = readFileSync(file, "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${name}:`));
  const id = Number(line?.split(":")[field]);
  return line !== undefined && Number.isInteger(id) ? id : undefined;
}

/** @returns the user `vedette`, or undefined where it does not exist. */
export function findUser(): UnprivilegedUser | undefined {
  const uid = findId("/etc/passwd", VEDETTE_USER, 2);
  const gid = findId("/etc/passwd", VEDETTE_USER, 3);
  return uid === undefined || gid === undefined || uid === 0 ? undefined : { uid, gid };
}

/** @returns the group whose members may operate the guard, or undefined where there is none. */
export function findOperatorGid(): number | undefined {
  return findId("/etc/group", VEDETTE_USER, 2);
}

/** Sets of capabilities that a process has, as /proc/PID/status names them. */
const CAPABILITY_SETS = ["CapInh", "CapPrm", "CapEff", "CapAmb"] as const;

/**
 * Becomes `user`, for good; who is not root to begin with stays who it is.
 * @throws {OperationalError} ERR_PERMISSION when any capability is left, for one because the
 *   process was started with ambient ones.
 */
export function dropPrivileges(user: UnprivilegedUser): void {
  if (process.getuid?.() === 0) {
    process.setgroups?.([]);
    process.setgid?.(user.gid);
    process.setuid?.(user.uid);
  }
  const left = findCapabilities(readFileSync("/proc/self/status", "utf8"));
  if (left.length === 0) return;
  const message = `the guard could not give up its capabilities (${left.join(", ")} are not empty)`;
  throw new OperationalError("ERR_PERMISSION", message);
}

/** @returns the sets of a /proc/PID/status that are not empty, or not there. */
export function findCapabilities(status: string): string[] {
  return CAPABILITY_SETS.filter((name) => {
    const mask = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
    return mask === undefined || /[^0]/.test(mask);
  });
}
