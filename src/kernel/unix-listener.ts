/**
 * Opens a Unix socket at a path, with its owner and its permissions right from the start.
 *
 * A socket file outlives a process that was killed. It is removed only when nobody answers on it,
 * and anything that is no socket is left alone. The directory must be writable for its owner alone:
 * between the look and the removal another process could put a file there.
 *
 * Source: unix(7).
 */
import { chmodSync, chownSync, fchmodSync, lstatSync, unlinkSync } from "node:fs";
import { OperationalError } from "../errors.ts";
import { ERRNO, formatErrno } from "./errno.ts";
import { bind, close, connect, listen, socket } from "./libc.ts";
import { AF_UNIX, SOCK_NONBLOCK, SOCK_STREAM } from "./spec.ts";
import { encodeUnixAddress, LONGEST_PATH_BYTES } from "./unix-address.ts";

const BACKLOG = 511;

export interface UnixListenerOptions {
  /** Permission bits; who may write to the file may connect. 0o660 for one. */
  readonly modeBits: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Listens on `path` and returns a non-blocking descriptor, which the caller closes; the file stays.
 * @throws {OperationalError} ERR_ALREADY_RUNNING when somebody answers there, ERR_PERMISSION or
 * ERR_UNAVAILABLE when the file cannot be made.
 */
export function openUnixListener(path: string, options: UnixListenerOptions): number {
  const address = addressOf(path);
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) throw cannotListen(path, -fd);
  try {
    // bind makes the file with the socket's own mode: nobody can connect before the owner is set.
    fchmodSync(fd, 0);
    let result = bind(fd, address);
    if (result === -ERRNO.EADDRINUSE) {
      removeStaleSocket(path, address);
      result = bind(fd, address);
    }
    if (result >= 0) result = listen(fd, BACKLOG);
    if (result < 0) throw cannotListen(path, -result);
    admit(path, options);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * @returns whether a process listens on the socket at `path`: EAGAIN says that its queue is full.
 * @throws {OperationalError} ERR_UNAVAILABLE when the path is too long for a socket.
 */
export function isAnsweredOn(path: string): boolean {
  const answer = knock(addressOf(path));
  return answer >= 0 || answer === -ERRNO.EAGAIN;
}

/** The owner first: with the bits first, a moment's owner could connect. */
function admit(path: string, options: UnixListenerOptions): void {
  try {
    chownSync(path, options.uid, options.gid);
    chmodSync(path, options.modeBits);
  } catch (cause) {
    unlinkSync(path);
    throw new OperationalError(
      "ERR_PERMISSION",
      `${path} cannot be given to uid ${options.uid} and gid ${options.gid}: start as root`,
      { cause },
    );
  }
}

function removeStaleSocket(path: string, address: Uint8Array): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) {
    throw new OperationalError(
      "ERR_UNAVAILABLE",
      `${path} is in the way and is no socket: remove it, or choose another directory with --run`,
    );
  }
  const answer = knock(address);
  if (answer !== -ERRNO.ECONNREFUSED && answer !== -ERRNO.ENOENT) {
    throw new OperationalError(
      "ERR_ALREADY_RUNNING",
      `another process answers on ${path}: stop it, or choose another directory with --run`,
    );
  }
  if (answer === -ERRNO.ECONNREFUSED) unlinkSync(path);
}

/** @returns what connect(2) says, and lets go at once. */
function knock(address: Uint8Array): number {
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const answer = connect(fd, address);
  close(fd);
  return answer;
}

function addressOf(path: string): Buffer {
  const address = encodeUnixAddress(path);
  if (address !== undefined) return address;
  throw new OperationalError(
    "ERR_UNAVAILABLE",
    `${path}: a socket's path has 1 to ${LONGEST_PATH_BYTES} bytes; choose a shorter directory`,
  );
}

function cannotListen(path: string, errno: number): OperationalError {
  const isRefused = errno === ERRNO.EACCES || errno === ERRNO.EPERM;
  return new OperationalError(
    isRefused ? "ERR_PERMISSION" : "ERR_UNAVAILABLE",
    `${path} cannot be made (${formatErrno(errno)}): its directory must exist and be writable`,
  );
}
