/**
 * The places that know who is logged in. Each misses what another has: utmp has no tunnels, logind
 * is not everywhere, and sockets have nothing of a login that is not by SSH.
 */
import type { SocketView } from "../socket-view.ts";
import { LogindSessions } from "./logind.ts";
import { SshConnection } from "./ssh-connection.ts";
import { SshdSockets } from "./sshd-sockets.ts";
import type { TrustSource } from "./trust-source.ts";
import { UtmpSessions } from "./utmp.ts";

/** All sources of logged-in sessions of this machine. */
export function sessionSources(sockets: SocketView): TrustSource[] {
  return [new SshConnection(), new UtmpSessions(), new LogindSessions(), new SshdSockets(sockets)];
}
