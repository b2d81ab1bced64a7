/**
 * A file of lines that root only ever adds to, and that others rotate, read and write too.
 *
 * The file is opened again when its name means another one: after a rotation, or when it was
 * removed. What the line says may come from the network, so whatever cannot be seen becomes a
 * question mark and one call is one line. A line that was cut short by a full disk is ended before
 * the next one begins. Where others than root may write the folder, a link in the file's place is
 * not followed, and a file with a second name is not touched: either could be anybody's trap.
 *
 * Synchronous: whoever calls bounds how often. Nothing throws; a failure is an outcome, and
 * counted.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Outcome } from "../../model/order.ts";
import { isOwnersOnly } from "../trust/text-file.ts";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** Not blocking, or opening a FIFO would wait for its reader. Readable, to see the last byte. */
const OPEN_FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK;

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

export interface AppendFileOptions {
  readonly path: string;
  /** Permission bits of the file when it is made here; an existing one keeps its own. */
  readonly modeBits: number;
  /** The one folder that is made when it is missing; a mistyped path makes no other. */
  readonly ownDirectory?: string | undefined;
}

interface Opened {
  readonly fd: number;
  readonly inode: number;
  readonly device: number;
}

export class AppendFile {
  readonly #options: AppendFileOptions;
  #opened: Opened | undefined;
  #isTorn = false;
  #failures = 0;

  constructor(options: AppendFileOptions) {
    this.#options = options;
  }

  /** Lines that could not be written, or not whole, since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** Opens the file, and makes it when it is missing; writes nothing. */
  open(): Outcome {
    try {
      this.#currentFile();
      return { status: "applied" };
    } catch (error) {
      return { status: "failed", reason: this.#explain(error) };
    }
  }

  /** Adds `line` and its end. After {@link close} it opens the file again. */
  append(line: string): Outcome {
    const { path } = this.#options;
    try {
      const { fd } = this.#currentFile();
      const start = this.#isTorn ? "\n" : "";
      const bytes = Buffer.from(`${start}${line.replace(INVISIBLE, "?")}\n`);
      const written = writeSync(fd, bytes);
      if (written > 0) this.#isTorn = written < bytes.length;
      if (written === bytes.length) return { status: "applied" };
      return this.#failed(`${path} took ${written} of ${bytes.length} bytes: is the disk full?`);
    } catch (error) {
      return this.#failed(this.#explain(error));
    }
  }

  close(): void {
    if (this.#opened !== undefined) closeSync(this.#opened.fd);
    this.#opened = undefined;
  }

  #explain(error: unknown): string {
    const { code } = error as NodeJS.ErrnoException;
    const why = error instanceof UnsafeFileError ? error.message : (code ?? String(error));
    return `${this.#options.path} cannot be written: ${why}`;
  }

  #failed(reason: string): Outcome {
    this.#failures += 1;
    return { status: "failed", reason };
  }

  #currentFile(): Opened {
    const stats = statSync(this.#options.path, { throwIfNoEntry: false });
    const opened = this.#opened;
    if (opened !== undefined && stats?.ino === opened.inode && stats.dev === opened.device) {
      return opened;
    }
    this.close();
    this.#opened = this.#open();
    return this.#opened;
  }

  #open(): Opened {
    const { path, modeBits, ownDirectory } = this.#options;
    const folder = dirname(path);
    if (folder === ownDirectory) mkdirSync(folder, { recursive: true, mode: 0o755 });
    const mayBeTrap = !isOwnersOnly(statSync(folder));
    const fd = openSync(path, mayBeTrap ? OPEN_FLAGS | O_NOFOLLOW : OPEN_FLAGS, modeBits);
    try {
      const { ino, dev, size, nlink, isFile } = factsOf(fd);
      if (!isFile) throw new UnsafeFileError("it is no file");
      if (mayBeTrap && nlink > 1) throw new UnsafeFileError("the file has a second name");
      this.#isTorn = size > 0 && lastByteOf(fd, size) !== 0x0a;
      return { fd, inode: ino, device: dev };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }
}

/** What stands in the file's place is not ours to write. */
class UnsafeFileError extends Error {}

function factsOf(fd: number) {
  const stats = fstatSync(fd);
  const { ino, dev, size, nlink } = stats;
  return { ino, dev, size, nlink, isFile: stats.isFile() };
}

function lastByteOf(fd: number, size: number): number | undefined {
  const byte = Buffer.alloc(1);
  return readSync(fd, byte, 0, 1, size - 1) === 1 ? byte[0] : undefined;
}
