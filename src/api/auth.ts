/**
 * Who may change things over the API.
 *
 * The socket's file mode decides who may open it, and whoever has it open may read. A change is
 * allowed to root and to the members of the operator group alone. The kernel says who has connected
 * (SO_PEERCRED, SO_PEERGROUPS in socket(7)); nothing that a client sends is believed.
 */
import type { Socket } from "node:net";
import type { HttpBindings } from "@hono/node-server";

/** The process at the other end, as it was when it connected. */
export interface Caller {
  readonly uid: number;
  /** Its primary group. */
  readonly gid: number;
  /** Its other groups; left out where the kernel does not tell them. */
  readonly groups?: readonly number[];
}

/** Asks the kernel about a connected socket. @returns undefined when it does not answer. */
export type ReadCaller = (fd: number) => Caller | undefined;

/** @param operatorGid undefined: root alone. */
export function mayChange(caller: Caller, operatorGid: number | undefined): boolean {
  if (caller.uid === 0) return true;
  if (operatorGid === undefined) return false;
  return caller.gid === operatorGid || (caller.groups ?? []).includes(operatorGid);
}

/** The question that {@link createApi} asks before each change; in doubt the answer is no. */
export function createChangeGate(
  readCaller: ReadCaller,
  operatorGid: number | undefined,
): (env: HttpBindings) => boolean {
  return (env) => {
    const fd = fdOf(env.incoming.socket);
    const caller = fd === undefined ? undefined : readCaller(fd);
    return caller !== undefined && mayChange(caller, operatorGid);
  };
}

/** Says in a word who has connected, for the audit. */
export function createCallerNames(readCaller: ReadCaller): (env: HttpBindings) => string {
  return (env) => {
    const fd = fdOf(env.incoming.socket);
    const caller = fd === undefined ? undefined : readCaller(fd);
    if (caller === undefined) return "stranger";
    return caller.uid === 0 ? "root" : `uid ${caller.uid}`;
  };
}

/**
 * The file descriptor of an accepted connection. Node has no public name for it; `_handle` has been
 * there since its first versions, and where it is missing nobody may change anything.
 * @returns undefined once the connection is closed.
 */
export function fdOf(socket: Socket): number | undefined {
  const handle = (socket as { readonly _handle?: { readonly fd?: unknown } | null })._handle;
  const fd = handle?.fd;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}
