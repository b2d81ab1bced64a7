/**
 * The error numbers of Linux that this room tells apart, and their text for people.
 *
 * The values are those of asm-generic/errno-base.h and asm-generic/errno.h, which x86-64 and arm64
 * share; they are compared with what system calls return, so they are not Node's negative codes.
 */
import { getSystemErrorMap } from "node:util";

/** Error numbers by name; positive, as in errno(3). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EBADMSG: 74,
  EMSGSIZE: 90,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  ETIMEDOUT: 110,
  ECONNABORTED: 103,
  ECONNREFUSED: 111,
} as const;

/** One error number for people: `EBUSY, resource busy or locked`; `errno 200` when unknown. */
export function formatErrno(errno: number): string {
  const known = getSystemErrorMap().get(-errno);
  return known === undefined ? `errno ${errno}` : `${known[0]}, ${known[1]}`;
}
