/**
 * Hands open files to another process over a connected Unix socket.
 *
 * The kernel makes descriptors of the receiver's own that mean the same open files. A message holds
 * at most {@link MOST_IN_A_MESSAGE} of them, so there may be several, each with one byte that says
 * whether another follows. What is sent is trusted by nobody but the one who asked for it: the
 * receiver must know by SO_PEERCRED who sends, because each descriptor costs it one of its own.
 *
 * Source: unix(7), SCM_RIGHTS; cmsg(3); struct msghdr and struct iovec of 64-bit Linux.
 */
import { addressOf, close, pollAsync, recvmsg, sendmsg } from "./libc.ts";
import {
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SCM_RIGHTS,
  SOL_SOCKET,
} from "./spec.ts";

/** SCM_MAX_FD of net/scm.h. */
const MOST_IN_A_MESSAGE = 253;

/** What the one byte of a message says. */
const LAST = 0;
const MORE_FOLLOW = 1;

// Where things lie in one piece of memory: struct msghdr, struct iovec, the byte, the control part.
const VECTOR = 56;
const BYTE = 72;
const CONTROL = 80;
/** `struct cmsghdr`: size_t length, int level, int type. */
const CONTROL_HEADER_BYTES = 16;
const MOST_CONTROL_BYTES = CONTROL_HEADER_BYTES + 4 * MOST_IN_A_MESSAGE;
/** Rounded up to eight (CMSG_SPACE). */
const MEMORY_BYTES = CONTROL + MOST_CONTROL_BYTES + 4;

/** `struct pollfd`: int fd, short events, short revents. */
const POLLFD_BYTES = 8;
const POLLIN = 1;

/**
 * Sends all of them; they stay open here. May block unless the socket is non-blocking.
 * @returns 0, or the negative error number: the other side may have some of them then.
 */
export function sendDescriptors(socketFd: number, fds: readonly number[]): number {
  const memory = openMemory();
  let sent = 0;
  do {
    const some = fds.slice(sent, sent + MOST_IN_A_MESSAGE);
    sent += some.length;
    memory.writeUInt8(sent < fds.length ? MORE_FOLLOW : LAST, BYTE);
    const bytes = CONTROL_HEADER_BYTES + 4 * some.length;
    // A control part without descriptors is none.
    memory.writeBigUInt64LE(BigInt(some.length === 0 ? 0 : bytes), 40);
    memory.writeBigUInt64LE(BigInt(bytes), CONTROL);
    memory.writeInt32LE(SOL_SOCKET, CONTROL + 8);
    memory.writeInt32LE(SCM_RIGHTS, CONTROL + 12);
    for (const [index, fd] of some.entries()) {
      memory.writeInt32LE(fd, CONTROL + CONTROL_HEADER_BYTES + 4 * index);
    }
    const result = sendmsg(socketFd, addressOf(memory), MSG_NOSIGNAL);
    if (result < 0) return result;
  } while (sent < fds.length);
  return 0;
}

/**
 * Takes what {@link sendDescriptors} has sent on the other side, in its order; no child process
 * inherits them. For each message it waits at most `timeoutMs`.
 * @returns undefined when something else came, nothing in time, or there was no room for all of
 *   them; none is open then.
 */
export async function receiveDescriptors(
  socketFd: number,
  timeoutMs: number,
): Promise<readonly number[] | undefined> {
  const memory = openMemory();
  const received: number[] = [];
  while (await isReadable(socketFd, timeoutMs)) {
    memory.writeBigUInt64LE(BigInt(MEMORY_BYTES - CONTROL), 40);
    const bytes = recvmsg(socketFd, addressOf(memory), MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (bytes !== 1) break;
    received.push(...descriptorsIn(memory));
    const isCut = (memory.readInt32LE(48) & MSG_CTRUNC) !== 0;
    const follows = memory.readUInt8(BYTE);
    if (isCut || (follows !== LAST && follows !== MORE_FOLLOW)) break;
    if (follows === LAST) return received;
  }
  for (const fd of received) close(fd);
  return undefined;
}

/**
 * Waits until there is something to read on a descriptor, a connection to be taken among them, or
 * the other side has gone. @returns false when nothing came in time.
 */
export async function isReadable(fd: number, timeoutMs: number): Promise<boolean> {
  const entry = Buffer.alloc(POLLFD_BYTES);
  entry.writeInt32LE(fd, 0);
  entry.writeInt16LE(POLLIN, 4);
  return (await pollAsync(entry, 1, timeoutMs)) > 0;
}

/** A message of one byte with a control part, which points to itself. */
function openMemory(): Buffer {
  const memory = Buffer.allocUnsafeSlow(MEMORY_BYTES).fill(0);
  const address = addressOf(memory);
  memory.writeBigUInt64LE(address + BigInt(VECTOR), 16);
  memory.writeBigUInt64LE(1n, 24);
  memory.writeBigUInt64LE(address + BigInt(CONTROL), 32);
  memory.writeBigUInt64LE(address + BigInt(BYTE), VECTOR);
  memory.writeBigUInt64LE(1n, VECTOR + 8);
  return memory;
}

function descriptorsIn(memory: Buffer): number[] {
  if (memory.readBigUInt64LE(40) < CONTROL_HEADER_BYTES) return [];
  const isRights =
    memory.readInt32LE(CONTROL + 8) === SOL_SOCKET &&
    memory.readInt32LE(CONTROL + 12) === SCM_RIGHTS;
  if (!isRights) return [];
  const count = (Number(memory.readBigUInt64LE(CONTROL)) - CONTROL_HEADER_BYTES) / 4;
  return Array.from({ length: count }, (_, index) =>
    memory.readInt32LE(CONTROL + CONTROL_HEADER_BYTES + 4 * index),
  );
}
