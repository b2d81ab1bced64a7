/**
 * One guard a state directory, whatever network namespace it runs in: containers may share one.
 *
 * The lock is advisory (flock(2)) and the broker's for as long as it lives; the kernel drops it with
 * the process, so that a crash leaves nothing that has to be cleared. The file is root's alone: who
 * cannot open it cannot keep a guard from starting. Where it cannot be made or locked (a read-only
 * directory, a file system without locks) there is no lock, and nothing can be written there either,
 * or nobody else is known to: the guard runs as it would without.
 */
import {
  closeSync,
  constants,
  ftruncateSync,
  openSync,
  readFileSync,
  readlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isSystemError, OperationalError } from "../errors.ts";
import { ERRNO } from "../kernel/errno.ts";
import { flock } from "../kernel/libc.ts";
import { LOCK_EX, LOCK_NB } from "../kernel/spec.ts";

/** Its name in the state directory. */
export const LOCK_FILE = "lock";

/** How often, and how long apart (ms), it is tried: a command looks at it for a moment. */
const TRIES = 10;
const PAUSE_MS = 100;

/** Longest text (bytes) of who holds it that is read. */
const MOST_TOLD_BYTES = 100;

export interface StateLock {
  /** Lets go of it; may be called twice. */
  readonly close: () => void;
}

/**
 * Takes the lock of a state directory that stands.
 * @returns a lock; one that does nothing where there can be none.
 * @throws {OperationalError} ERR_ALREADY_RUNNING when another guard holds it, with who that is.
 */
export async function lockState(stateDirectory: string): Promise<StateLock> {
  for (let tries = 1; ; tries += 1) {
    const fd = tryLock(stateDirectory, "make");
    if (fd === "held" && tries < TRIES) {
      await pause(PAUSE_MS);
      continue;
    }
    if (fd === "held") {
      throw new OperationalError(
        "ERR_ALREADY_RUNNING",
        `${heldWords(stateDirectory)}; stop it first`,
      );
    }
    if (fd === undefined) return { close: () => {} };
    ftruncateSync(fd);
    writeSync(fd, `pid ${process.pid}, network namespace ${networkNamespace()}\n`, 0);
    let isOpen = true;
    return {
      close: () => {
        if (isOpen) closeSync(fd);
        isOpen = false;
      },
    };
  }
}

/**
 * For who would write where a guard does.
 * @throws {OperationalError} ERR_REFUSED when a guard holds the directory.
 */
export function requireUnlockedState(stateDirectory: string): void {
  if (!isHeld(stateDirectory)) return;
  const message = `${heldWords(stateDirectory)}: ask it there, or stop it first`;
  throw new OperationalError("ERR_REFUSED", message);
}

/**
 * The same for who may write beside a guard of this network namespace, or knows it by other signs.
 * @throws {OperationalError} ERR_REFUSED when a guard of another holds the directory.
 */
export function requireNoForeignGuard(stateDirectory: string): void {
  if (isElsewhere(readHolder(join(stateDirectory, LOCK_FILE))))
    requireUnlockedState(stateDirectory);
}

function isHeld(stateDirectory: string): boolean {
  const fd = tryLock(stateDirectory, "leave");
  if (typeof fd === "number") closeSync(fd);
  return fd === "held";
}

/** @returns the locked descriptor; undefined where there is no lock to be had. */
function tryLock(stateDirectory: string, otherwise: "make" | "leave"): number | "held" | undefined {
  const make = otherwise === "make" ? constants.O_CREAT : 0;
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK | make;
  let fd: number;
  try {
    fd = openSync(join(stateDirectory, LOCK_FILE), flags, 0o600);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
  const result = flock(fd, LOCK_EX | LOCK_NB);
  if (result >= 0) return fd;
  closeSync(fd);
  return result === -ERRNO.EAGAIN ? "held" : undefined;
}

/** What the holder has left of itself, and whether it is elsewhere. */
function heldWords(stateDirectory: string): string {
  const holder = readHolder(join(stateDirectory, LOCK_FILE));
  const where = isElsewhere(holder) ? " in another network namespace" : "";
  const who = holder === "" ? "" : ` (${holder})`;
  return `a guard runs on this state directory${where}: ${stateDirectory}${who}`;
}

function isElsewhere(holder: string): boolean {
  return !holder.endsWith(networkNamespace());
}

function readHolder(path: string): string {
  try {
    const text = readFileSync(path, "latin1").slice(0, MOST_TOLD_BYTES);
    return text.replace(/[^\x20-\x7e]/g, "");
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return "";
  }
}

function networkNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/net");
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return "unknown";
  }
}
