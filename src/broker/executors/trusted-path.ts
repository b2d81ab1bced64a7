/**
 * Finds out what file a path means, when nobody but root can change what it means.
 *
 * Root writes through this path. If a folder on the way belongs to somebody else or can be written
 * by others, they can lay a link there and have root write, or read, another file; then nothing is
 * done. Symbolic links of root's own are followed. In a folder with the sticky bit only owners
 * rename, so that it may be passed through, but not written in.
 */
import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";

/** As in the kernel (MAXSYMLINKS of linux/namei.h). */
const MAX_LINKS = 40;

const STICKY_BIT = 0o1000;
const OTHERS_WRITE_BITS = 0o022;

export type PathResolution =
  /** A file, or the name for one in a folder that is there. */
  | { readonly status: "resolved"; readonly path: string }
  | { readonly status: "refused"; readonly reason: string };

/**
 * @param path absolute.
 * @throws {Error} of node:fs when a folder cannot be looked at.
 */
export function resolveTrustedPath(path: string): PathResolution {
  const refused = (reason: string): PathResolution => ({ status: "refused", reason });
  if (!path.startsWith("/")) return refused(`${path} is not absolute`);
  const names = namesOf(path);
  let folder = "/";
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const isLast = names.length === 0;
    const folderFault = faultOfFolder(folder, isLast);
    if (folderFault !== undefined) return refused(folderFault);
    const next = join(folder, name);
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (stats?.isSymbolicLink()) {
      links += 1;
      if (!isOurs(stats)) return refused(`${next} is somebody else's link`);
      if (links > MAX_LINKS) return refused(`${path} leads through too many links`);
      const target = readlinkSync(next);
      if (target.startsWith("/")) folder = "/";
      names.unshift(...namesOf(target));
    } else if (isLast) {
      if (stats !== undefined && !stats.isFile()) return refused(`${next} is no file`);
      return { status: "resolved", path: next };
    } else if (stats === undefined) return refused(`${next} does not exist`);
    else folder = next;
  }
  return refused(`${path} is no file`);
}

function faultOfFolder(folder: string, isWrittenIn: boolean): string | undefined {
  const stats = lstatSync(folder);
  if (!stats.isDirectory()) return `${folder} is no folder`;
  if (!isOurs(stats)) return `${folder} is somebody else's folder`;
  const isForAll = (stats.mode & OTHERS_WRITE_BITS) !== 0;
  const isSticky = (stats.mode & STICKY_BIT) !== 0;
  if (!isForAll || (isSticky && !isWrittenIn)) return undefined;
  return `${folder} can be written by others than root`;
}

function isOurs({ uid }: Stats): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}
