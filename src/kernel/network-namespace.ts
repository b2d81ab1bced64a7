/**
 * Moves this process into a network of its own, with nothing in it but a loopback that is down.
 *
 * The network belongs to the thread that calls and to what it starts from then on. Node opens
 * sockets and starts processes from its main thread, so call it there, before the first socket.
 * The kernel takes the network down, with its interfaces, rules and sets, when the last process in
 * it has ended, however that came: nothing has to be deleted, and nothing can be left behind.
 *
 * Source: unshare(2), network_namespaces(7).
 */
import { ERRNO, formatErrno } from "./errno.ts";
import { unshare } from "./libc.ts";
import { CLONE_NEWNET } from "./spec.ts";

export type PrivateNetworkOutcome =
  | { readonly status: "entered" }
  /** CAP_SYS_ADMIN is missing: not root, or root of a container. */
  | { readonly status: "forbidden" }
  | { readonly status: "failed"; readonly reason: string };

/** Called once, by root. There is no way back for this process. */
export function enterPrivateNetwork(): PrivateNetworkOutcome {
  const result = unshare(CLONE_NEWNET);
  if (result >= 0) return { status: "entered" };
  if (result === -ERRNO.EPERM) return { status: "forbidden" };
  return { status: "failed", reason: formatErrno(-result) };
}
