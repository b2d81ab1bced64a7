/**
 * Writes a file that must not exist yet: what somebody has written is never overwritten, not even
 * when it appears between a look and the write.
 */
import { closeSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import { OperationalError } from "../errors.ts";

/**
 * Afterwards the file at `path` holds `text` and everybody may read it.
 * @throws {OperationalError} ERR_REFUSED when something of that name exists, ERR_PERMISSION when it
 * may not be written, ERR_UNAVAILABLE for every other reason; then it has written nothing.
 */
export function writeNewFile(path: string, text: string): void {
  const descriptor = createFile(path);
  try {
    writeFileSync(descriptor, text);
  } catch (error) {
    // A full disk: half a file is worse than none, and this one is ours.
    unlinkSync(path);
    const message = `${path}: ${(error as Error).message}`;
    throw new OperationalError("ERR_UNAVAILABLE", message, { cause: error });
  } finally {
    closeSync(descriptor);
  }
}

function createFile(path: string): number {
  try {
    // "wx" follows no symlink either, so that nothing can be put in the way.
    return openSync(path, "wx", 0o644);
  } catch (error) {
    const cause = error as NodeJS.ErrnoException;
    switch (cause.code) {
      case "EEXIST":
        throw new OperationalError("ERR_REFUSED", `${path} exists; it is not overwritten`);
      case "EACCES":
      case "EPERM":
      case "EROFS":
        throw new OperationalError("ERR_PERMISSION", `${path} may not be written`, { cause });
      case "ENOENT":
      case "ENOTDIR": {
        const message = `${path}: there is no such directory`;
        throw new OperationalError("ERR_UNAVAILABLE", message, { cause });
      }
      default:
        throw new OperationalError("ERR_UNAVAILABLE", `${path}: ${cause.message}`, { cause });
    }
  }
}
