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

/**
 * Becomes `user`, for good. Nothing happens when we are not root to begin with.
 * @throws {OperationalError} ERR_PERMISSION when any privilege is left.
 */
export function dropPrivileges(user: UnprivilegedUser): void {
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
  const status = readFileSync("/proc/self/status", "utf8");
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  const permitted = /^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (Number.parseInt(effective ?? "1", 16) !== 0 || Number.parseInt(permitted ?? "1", 16) !== 0) {
    throw new OperationalError("ERR_PERMISSION", "the guard could not give up its capabilities");
  }
}
