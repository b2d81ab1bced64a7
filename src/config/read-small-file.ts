/**
 * Reads a file whole, if it is a regular one and no larger than a bound.
 *
 * A device or a FIFO may never end, and whoever names a log file by mistake is told so.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";

/** `reason`: without the path, for people. */
export type FileReading =
  /** `stats`: of the file as it was read. */
  | { readonly status: "read"; readonly text: string; readonly stats: Stats }
  | { readonly status: "absent" }
  | { readonly status: "unreadable"; readonly reason: string };

/**
 * @param maxKiB the largest size that is read, in KiB.
 * @param encoding "latin1" keeps every byte, for a text that is written back.
 */
export function readSmallFile(
  path: string,
  maxKiB: number,
  encoding: "utf8" | "latin1" = "utf8",
): FileReading {
  let fd: number | undefined;
  try {
    // Not blocking, or opening a FIFO would wait for its writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile()) return { status: "unreadable", reason: "this is no regular file" };
    if (stats.size > maxKiB * 1024) {
      const bound = maxKiB % 1024 === 0 ? `${maxKiB / 1024} MiB` : `${maxKiB} KiB`;
      return { status: "unreadable", reason: `the file is larger than ${bound}` };
    }
    return { status: "read", text: readFileSync(fd, encoding), stats };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { status: "absent" };
    return { status: "unreadable", reason: message };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
