/**
 * Small text files that others write, read whole.
 *
 * Synchronous and bounded: nothing but a regular file is opened, because a FIFO in its place would
 * stop this process for ever, and nothing longer than {@link MAX_TEXT_BYTES}.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
} from "node:fs";
import { isSystemError } from "../../errors.ts";

const MAX_TEXT_BYTES = 16 * 1_048_576;

/** `stats`: of the file that was read, not of what its name means a moment later. */
export type FileReading =
  | { readonly status: "read"; readonly bytes: Buffer; readonly stats: Stats }
  | { readonly status: "absent" }
  | { readonly status: "unreadable"; readonly reason: string };

/** Follows symbolic links. Files of /proc, whose size is 0, are read to their end. */
export function readFile(path: string): FileReading {
  let fd: number | undefined;
  try {
    // Not blocking, or opening a FIFO would wait for its writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile()) return { status: "unreadable", reason: `${path} is no file` };
    if (stats.size > MAX_TEXT_BYTES) {
      return { status: "unreadable", reason: `${path} is longer than ${MAX_TEXT_BYTES} bytes` };
    }
    return { status: "read", bytes: readFileSync(fd), stats };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { code } = error;
    if (code === "ENOENT" || code === "ENOTDIR") return { status: "absent" };
    return { status: "unreadable", reason: `${path} cannot be read: ${code ?? error.message}` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * @returns what is another text when a file was written, replaced, made or removed; the code of the
 * error where it cannot be asked, because this is called by timers that nothing may end.
 */
export function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return error.code ?? error.message;
  }
}

/** @returns whether nobody but root, or the user that we are, can have written the file. */
export function isOwnersOnly(stats: Stats): boolean {
  const isOurs = stats.uid === 0 || stats.uid === process.geteuid?.();
  return isOurs && (stats.mode & 0o022) === 0;
}
