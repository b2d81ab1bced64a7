/**
 * The sockets that the privileged process opens at its start: what the guard inherits, the API's,
 * and the one on which a second `portsentry` asks.
 *
 * Either all that were asked for are open, or none is, and none of their paths is left behind.
 */
import { closeSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../config/load.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { openUnixListener } from "../kernel/unix-listener.ts";
import type { AnnouncementFacts } from "./announcement.ts";
import { openGuardSockets, type SensingLimits } from "./facilities.ts";
import type { OwnedSocket } from "./guard-child.ts";
import { JOIN_SOCKET } from "./join-protocol.ts";
import { findOperatorGid } from "./privileges.ts";

/** Name of the API's socket in the run directory. */
export const API_SOCKET = "api.sock";

export interface SocketPlaces {
  readonly configuration: Configuration;
  readonly runDirectory: string;
}

/**
 * All that the guard inherits.
 * @param joinFd of {@link openJoinSocket}; nobody is kept waiting on it when they cannot be had.
 * @throws {OperationalError} what {@link openGuardSockets} throws.
 */
export function openOwnSockets(
  joinFd: number | undefined,
  places: SocketPlaces,
  limits: SensingLimits,
  health: HealthTracker,
): OwnedSocket[] {
  try {
    return openSockets(places, limits, health);
  } catch (error) {
    if (joinFd !== undefined) {
      closeSync(joinFd);
      rmSync(join(places.runDirectory, JOIN_SOCKET), { force: true });
    }
    throw error;
  }
}

/** Where a second `portsentry` asks this one; for root alone. Who asks early waits. */
export function openJoinSocket(runDirectory: string): number {
  return openListener(join(runDirectory, JOIN_SOCKET), 0o600, undefined);
}

/** Nobody asks there any more. */
export function removeSocketPaths(runDirectory: string): void {
  rmSync(join(runDirectory, JOIN_SOCKET), { force: true });
  rmSync(join(runDirectory, API_SOCKET), { force: true });
}

/** The ports of our own listeners. */
export function listenedBy(sockets: readonly OwnedSocket[]): AnnouncementFacts["listened"] {
  return sockets.flatMap((socket) => {
    if (socket.kind !== "tcp-listener" && socket.kind !== "udp-listener") return [];
    const transport = socket.kind === "tcp-listener" ? "tcp" : "udp";
    return [{ transport, port: socket.port }];
  });
}

function openSockets(
  { configuration, runDirectory }: SocketPlaces,
  limits: SensingLimits,
  health: HealthTracker,
): OwnedSocket[] {
  const api = openApi(runDirectory);
  try {
    return openGuardSockets(configuration, limits, health, [api]);
  } catch (error) {
    closeSync(api.fd);
    rmSync(join(runDirectory, API_SOCKET), { force: true });
    throw error;
  }
}

/**
 * The API's, also when its path was removed meanwhile.
 * @throws {OperationalError} what {@link openUnixListener} throws.
 */
export function openApi(runDirectory: string): OwnedSocket {
  const fd = openListener(join(runDirectory, API_SOCKET), 0o660, findOperatorGid());
  return { kind: "api", fd };
}

/** @param gid of those who may open it besides the owner, when root makes it. */
function openListener(path: string, modeBits: number, gid: number | undefined): number {
  const uid = process.getuid?.() ?? 0;
  return openUnixListener(path, {
    modeBits,
    uid,
    gid: uid === 0 ? (gid ?? 0) : (process.getgid?.() ?? 0),
  });
}
