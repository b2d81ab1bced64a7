/**
 * Puts a file in the place of another one, or of none: whoever opens it has the old content whole
 * or the new one.
 *
 * Synchronous, for small files. Where bytes must be on the disk without anybody waiting for them,
 * see executors/write-beside.ts.
 */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";

/**
 * @param isFlushed whether the bytes are on the disk before the file has its name.
 * @param like whose owner and mode the file gets. Default: this process's, and 0644.
 * @throws {Error} of node:fs; the file is as it was then, and nothing is left beside it.
 */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  isFlushed: boolean,
  like?: Pick<Stats, "uid" | "gid" | "mode">,
): void {
  const newPath = `${path}.new`;
  // What a crash has left there is nobody's; "wx" follows no link that somebody laid.
  rmSync(newPath, { force: true });
  const fd = openSync(newPath, "wx", 0o644);
  try {
    if (like !== undefined) {
      fchownSync(fd, like.uid, like.gid);
      fchmodSync(fd, like.mode & 0o7777);
    }
    // All of it or an error: a single write may end half-way on a disk that is nearly full.
    writeFileSync(fd, content);
    if (isFlushed) fsyncSync(fd);
    renameSync(newPath, path);
  } catch (error) {
    rmSync(newPath, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}
