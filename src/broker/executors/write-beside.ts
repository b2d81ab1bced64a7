/**
 * Writes the new content of a file under a name of its own, ready to take the file's place.
 *
 * Whoever opens the file meanwhile, and whatever a crash leaves, is the old content whole or the
 * new one. The bytes are on the disk before the caller renames. Access lists and extended
 * attributes are not carried over.
 */
import { closeSync, fchmodSync, fchownSync, openSync, rmSync, writeSync } from "node:fs";

/** Whose the file is and who may do what with it. */
export interface FileAttributes {
  readonly uid: number;
  readonly gid: number;
  /** Permission bits. */
  readonly mode: number;
}

/** Puts what was written to a file on the disk. */
export type FlushFile = (fd: number) => Promise<void>;

/**
 * @param owner undefined: whoever this process is.
 * @returns the name to rename from.
 * @throws {Error} of node:fs; nothing is left behind then.
 */
export async function writeBeside(
  path: string,
  bytes: Uint8Array,
  { mode, ...owner }: Pick<FileAttributes, "mode"> & Partial<FileAttributes>,
  flush: FlushFile,
): Promise<string> {
  const newPath = `${path}.vedette-${process.pid}`;
  // What a crash has left there is nobody's; "wx" follows no link that somebody laid.
  rmSync(newPath, { force: true });
  const fd = openSync(newPath, "wx", 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    if (owner.uid !== undefined && owner.gid !== undefined) fchownSync(fd, owner.uid, owner.gid);
    // After the owner, because a change of owner takes bits away.
    fchmodSync(fd, mode);
    await flush(fd);
  } catch (error) {
    rmSync(newPath, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return newPath;
}
