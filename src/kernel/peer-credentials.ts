/**
 * Says who is on the other end of a Unix socket, as the kernel knows it.
 *
 * The credentials are those at the time of connect (or of listen, seen from the client): a process
 * that has dropped its privileges since still shows the old ones, and its pid may have been given
 * to another. Decide by uid and groups; the pid is for the log only.
 *
 * Source: unix(7), SO_PEERCRED; socket(7), SO_PEERGROUPS, since Linux 4.13.
 */
import { getsockopt } from "./libc.ts";
import { SO_PEERCRED, SO_PEERGROUPS, SOL_SOCKET } from "./spec.ts";

/** Bytes of `struct ucred`: three C ints. */
const UCRED_BYTES = 12;
/** Groups that one process can have: NGROUPS_MAX of linux/limits.h. */
const MAX_GROUPS = 65_536;
/** What the kernel says of a socket without a peer, as of any that is no Unix socket. */
const NOBODY = 0xffff_ffff;

export interface PeerCredentials {
  /** 0 when the process is outside our pid namespace. */
  readonly pid: number;
  readonly uid: number;
  /** Its primary group. */
  readonly gid: number;
  /** Its supplementary groups; empty where the kernel does not tell them. */
  readonly groups: readonly number[];
}

/** @returns undefined when `fd` is not a connected Unix socket. */
export function readPeerCredentials(fd: number): PeerCredentials | undefined {
  const bytes = Buffer.alloc(UCRED_BYTES);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytes) !== UCRED_BYTES) return undefined;
  const uid = bytes.readUInt32LE(4);
  if (uid === NOBODY) return undefined;
  const groups = readPeerGroups(fd);
  return { pid: bytes.readInt32LE(0), uid, gid: bytes.readUInt32LE(8), groups };
}

function readPeerGroups(fd: number): number[] {
  const bytes = Buffer.alloc(4 * MAX_GROUPS);
  const length = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, bytes);
  return Array.from({ length: Math.max(0, length) / 4 }, (_, index) =>
    bytes.readUInt32LE(4 * index),
  );
}
