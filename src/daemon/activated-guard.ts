/**
 * Has systemd start the guard, in a unit of its own: whoever connects to the socket of that unit
 * has one started.
 *
 * What a child would inherit goes over the connection first: the socket that takes what the guard
 * prints, then its sockets in their order. After that the connection is the channel. The guard ends
 * with it, and {@link GuardRun.kill} is no more than its end: to signal another user's process
 * takes a capability. One that stays without a channel can do nothing, and is ended by its unit's
 * watchdog, or with the broker's unit.
 */
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { sendDescriptors } from "../kernel/descriptor-passing.ts";
import { formatErrno } from "../kernel/errno.ts";
import { connect, socket, socketpair } from "../kernel/libc.ts";
import { AF_UNIX, SOCK_NONBLOCK, SOCK_STREAM } from "../kernel/spec.ts";
import { encodeUnixAddress } from "../kernel/unix-address.ts";
import type { GuardEnd, GuardRun, OwnedSocket, StartGuard } from "./guard-child.ts";

/** @param path of the socket of the guard's unit. */
export function activatedGuard(path: string): StartGuard {
  return (sockets, onOutput) => {
    const address = encodeUnixAddress(path);
    if (address === undefined) return notStarted(`${path} is no path of a socket`);
    const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const result = fd < 0 ? fd : connect(fd, address);
    if (result < 0) {
      if (fd >= 0) closeSync(fd);
      return notStarted(`${path}: ${formatErrno(-result)}`);
    }
    const sent = handOver(fd, sockets, onOutput);
    if (sent < 0) {
      closeSync(fd);
      return notStarted(`its sockets could not be handed over: ${formatErrno(-sent)}`);
    }
    const channel = new Socket({ fd, readable: true, writable: true });
    const ended = Promise.withResolvers<GuardEnd>();
    channel.on("close", () => {
      ended.resolve({ how: "its connection has closed", exitStatus: undefined });
    });
    return {
      link: { channel, sockets: sockets.map((each, index) => ({ ...each, fd: index })) },
      kill: () => channel.destroy(),
      ended: ended.promise,
    };
  };
}

/** Sends what the guard is to have. @returns 0, or the negative error number. */
function handOver(
  fd: number,
  sockets: readonly OwnedSocket[],
  onOutput: (text: string) => void,
): number {
  const pair = socketpair(AF_UNIX, SOCK_STREAM);
  if (typeof pair === "number") return pair;
  const [near, far] = pair;
  const sent = sendDescriptors(fd, [far, ...sockets.map((each) => each.fd)]);
  closeSync(far);
  if (sent < 0) {
    closeSync(near);
    return sent;
  }
  const output = new Socket({ fd: near, readable: true, writable: false });
  output.setEncoding("utf8").on("data", onOutput);
  // A reset says only that the other side has gone.
  output.on("error", () => output.destroy());
  return 0;
}

function notStarted(reason: string): GuardRun {
  return {
    link: undefined,
    kill: () => {},
    ended: Promise.resolve({ how: reason, exitStatus: undefined }),
  };
}
