/**
 * The two ways in which a guard's process begins, and what each gives up before a packet is read.
 *
 * As a child of the broker it inherits root, its sockets and the channel. In a unit of systemd it
 * is nobody's child and has no privilege to begin with: it takes one connection, from root alone,
 * and gets from there what it would have inherited.
 */
import { OperationalError } from "../errors.ts";
import { isReadable, receiveDescriptors } from "../kernel/descriptor-passing.ts";
import { accept, close, dup2 } from "../kernel/libc.ts";
import { readPeerCredentials } from "../kernel/peer-credentials.ts";
import {
  endWithParent,
  forbidDumping,
  forbidNewPrivileges,
  type LimitOutcome,
} from "../kernel/process-limits.ts";
import { dropPrivileges } from "./privileges.ts";

/** What a guard begins with. */
export interface GuardStart {
  /** Descriptor of the channel to the broker. */
  readonly channelFd: number;
  readonly brokerPid: number;
  /**
   * The descriptors of the sockets, where those that the broker names count from the first of
   * them; undefined where it names the guard's own.
   */
  readonly handedFds: readonly number[] | undefined;
}

/** Descriptor of a child's channel; of the unit's listening socket, sd_listen_fds(3). */
const FIRST_FD = 3;

/** How long (ms) the broker may take to connect, and to hand over each part. */
const CONNECTED_WITHIN_MS = 10_000;

/** `struct sockaddr_un`, which says nothing of a client. */
const ADDRESS_BYTES = 110;

/** @returns whether systemd has started this very process and handed it one socket. */
export function isInUnit(env: NodeJS.ProcessEnv = process.env): boolean {
  return env["LISTEN_PID"] === `${process.pid}` && env["LISTEN_FDS"] === "1";
}

/**
 * Begins as the broker's child; the command line says "UID GID PID": who it becomes, and the
 * process that has started it.
 * @throws {OperationalError} ERR_USAGE for another command line, ERR_PERMISSION when something
 *   could not be given up.
 */
export function beginAsChild(): GuardStart {
  const words = process.argv.slice(2).map(Number);
  const [uid = Number.NaN, gid = Number.NaN, parent = Number.NaN] = words;
  if (!Number.isInteger(uid + gid + parent)) {
    const who = "`vedette guard`, or systemd by its socket";
    throw new OperationalError("ERR_USAGE", `the guard process is started by ${who} only`);
  }
  // The first foreign call loads the library, which may lie where only root can read.
  demand(forbidNewPrivileges(), "new privileges");
  dropPrivileges({ uid, gid });
  // Giving up root resets both of these.
  demand(forbidDumping(), "core dumps");
  demand(endWithParent(), "living on without the broker");
  if (process.ppid !== parent) process.exit(0);
  // The broker's process decides when it is over and what is read again; what is meant for it
  // reaches us as well from a terminal (Ctrl-C) or a service manager (systemctl kill -s HUP).
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  return { channelFd: FIRST_FD, brokerPid: parent, handedFds: undefined };
}

/**
 * Begins in a unit of systemd's, whose socket the broker has connected to.
 * @throws {OperationalError} ERR_PERMISSION when the unit leaves it a privilege or somebody else
 *   than root has connected, ERR_UNAVAILABLE when nobody has, or what it needs did not come.
 */
export async function beginInUnit(): Promise<GuardStart> {
  if (process.getuid?.() === 0) {
    throw new OperationalError("ERR_PERMISSION", "the guard must not be root: User= of its unit");
  }
  demand(forbidNewPrivileges(), "new privileges");
  dropPrivileges({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
  demand(forbidDumping(), "core dumps");
  if (!(await isReadable(FIRST_FD, CONNECTED_WITHIN_MS))) throw unavailable("nobody has connected");
  const channelFd = accept(FIRST_FD, new Uint8Array(ADDRESS_BYTES));
  if (channelFd < 0) throw unavailable("whoever has connected is gone");
  // The next connection is the next guard's.
  close(FIRST_FD);
  const peer = readPeerCredentials(channelFd);
  if (peer?.uid !== 0) {
    throw new OperationalError("ERR_PERMISSION", "somebody else than root has connected");
  }
  const handed = await receiveDescriptors(channelFd, CONNECTED_WITHIN_MS);
  const [output, ...handedFds] = handed ?? [];
  if (output === undefined) throw unavailable("the broker has handed nothing over");
  for (const standard of [1, 2]) dup2(output, standard);
  close(output);
  return { channelFd, brokerPid: peer.pid, handedFds };
}

/** A guard that could not give something up must not read a packet. */
function demand(outcome: LimitOutcome, what: string): void {
  if (outcome.status === "applied") return;
  throw new OperationalError("ERR_PERMISSION", `cannot forbid ${what}: ${outcome.reason}`);
}

function unavailable(what: string): OperationalError {
  return new OperationalError("ERR_UNAVAILABLE", `the guard cannot begin: ${what}`);
}
