/**
 * Whose a file is that root goes by: whoever else can write it decides what root does.
 *
 * Groups are those of Debian: `root` has no members, and members of `adm` are who administers.
 */

/** What is asked of a file; node:fs has it as `Stats`. */
export interface FileOwners {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Who else than its owner may change a file, or that the owner is not one of ours. */
export type OwnersFinding =
  /** Nobody but root, or the user that we are. */
  | { readonly status: "ours" }
  /** Group `root` or `adm` may write it, and nobody else. */
  | { readonly status: "administrators"; readonly reason: string }
  /** `reason`: without the path, for people. */
  | { readonly status: "strangers"; readonly reason: string };

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY_BIT = 0o1000;

/** `root` and `adm`, with the numbers that base-passwd gives them. */
const ADMINISTRATOR_GIDS: readonly number[] = [0, 4];

/** Judges a file. */
export function ownersOf({ uid, gid, mode }: FileOwners): OwnersFinding {
  const modeWords = `mode ${(mode & 0o7777).toString(8).padStart(4, "0")}`;
  if (uid !== 0 && uid !== process.geteuid?.()) {
    return { status: "strangers", reason: `it belongs to user ${uid} (${modeWords})` };
  }
  if ((mode & OTHERS_WRITE) !== 0) {
    return { status: "strangers", reason: `everybody can write it (${modeWords})` };
  }
  if ((mode & GROUP_WRITES) === 0) return { status: "ours" };
  const reason = `group ${gid} can write it (${modeWords})`;
  return { status: ADMINISTRATOR_GIDS.includes(gid) ? "administrators" : "strangers", reason };
}

/**
 * Judges a directory that the path of a file leads through. One whose sticky bit is set lets nobody
 * rename what is another's, so that it is as good as ours. The owner is not asked.
 */
export function directoryOwnersOf({ gid, mode }: FileOwners): OwnersFinding {
  if ((mode & STICKY_BIT) !== 0) return { status: "ours" };
  return ownersOf({ uid: 0, gid, mode });
}
