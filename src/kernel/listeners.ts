/**
 * Opens the sockets that the guard listens on but may not be allowed to open itself.
 *
 * The descriptors are handed to the guard, which wraps them (`listen({ fd })`, `bind({ fd })`).
 * A port that is taken is an expected outcome, because a service that comes back takes its port
 * back, so it is told apart from what an operator has to mend.
 *
 * Source: ip(7), ipv6(7), socket(7).
 */
import { ERRNO, formatErrno } from "./errno.ts";
import { bind, close, listen, setsockoptInt, socket } from "./libc.ts";
import * as spec from "./spec.ts";

/**
 * Connections that may wait for accept: more than any sysctl allows, so that net.core.somaxconn
 * decides (4096 by default). A scan's connections come faster than one turn takes them.
 */
const BACKLOG = 1 << 20;

/** What became of the attempt; whoever gets `fd` closes it. */
export type ListenerOutcome =
  | { readonly status: "open"; readonly fd: number }
  | { readonly status: "in-use" }
  /** Only root may have it. */
  | { readonly status: "forbidden" }
  /** This process has as many descriptors as it may. */
  | { readonly status: "out-of-descriptors" }
  | { readonly status: "failed"; readonly reason: string };

/** Listens on a TCP port of every address of both families; 0 lets the kernel choose. */
export function openTcpListener(port: number): ListenerOutcome {
  return openOnAnyAddress(spec.SOCK_STREAM, port, (fd) => {
    // Or a port stays refused for a minute after its last connection (TIME_WAIT).
    setsockoptInt(fd, spec.SOL_SOCKET, spec.SO_REUSEADDR, 1);
  });
}

/**
 * Binds a UDP port of every address of both families; 0 lets the kernel choose. SO_REUSEADDR is
 * left out: on UDP it would let us share the port of a service and take its datagrams.
 */
export function openUdpSocket(port: number): ListenerOutcome {
  return openOnAnyAddress(spec.SOCK_DGRAM, port, () => undefined);
}

function openOnAnyAddress(
  type: number,
  port: number,
  prepare: (fd: number) => void,
): ListenerOutcome {
  const dualStack = openOn(spec.AF_INET6, type, port, prepare);
  if (typeof dualStack !== "number") return dualStack;
  const isIpv6Off = dualStack === ERRNO.EAFNOSUPPORT || dualStack === ERRNO.EADDRNOTAVAIL;
  const outcome = isIpv6Off ? openOn(spec.AF_INET, type, port, prepare) : dualStack;
  return typeof outcome === "number" ? nameFailure(outcome) : outcome;
}

function nameFailure(errno: number): ListenerOutcome {
  switch (errno) {
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return { status: "forbidden" };
    case ERRNO.EMFILE:
    case ERRNO.ENFILE:
      return { status: "out-of-descriptors" };
    default:
      return { status: "failed", reason: formatErrno(errno) };
  }
}

/** @returns the error number where it is neither open nor in use. */
function openOn(
  family: number,
  type: number,
  port: number,
  prepare: (fd: number) => void,
): ListenerOutcome | number {
  const fd = socket(family, type | spec.SOCK_NONBLOCK, 0);
  if (fd < 0) return -fd;
  // The machine's bindv6only sysctl must not decide whether IPv4 is watched.
  if (family === spec.AF_INET6) setsockoptInt(fd, spec.IPPROTO_IPV6, spec.IPV6_V6ONLY, 0);
  prepare(fd);
  let result = bind(fd, encodeAnyAddress(family, port));
  // Two sockets may bind one port with SO_REUSEADDR; only one of them can listen.
  if (result >= 0 && type === spec.SOCK_STREAM) result = listen(fd, BACKLOG);
  if (result >= 0) return { status: "open", fd };
  close(fd);
  return result === -ERRNO.EADDRINUSE ? { status: "in-use" } : -result;
}

/** `struct sockaddr_in` or `struct sockaddr_in6` with the address zero. */
function encodeAnyAddress(family: number, port: number): Buffer {
  const address = Buffer.alloc(family === spec.AF_INET6 ? 28 : 16);
  address.writeUInt16LE(family, 0);
  address.writeUInt16BE(port, 2);
  return address;
}
