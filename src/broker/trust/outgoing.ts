/**
 * Hosts that this machine itself has connected to in the last ten minutes.
 *
 * A mail server's callback, a mirror, a database: banning those hurts the machine, and their late
 * packets look like probes. A scanner must not get in by connecting to us, so a connection counts
 * only when a system user is opening it (SYN-SENT), or when it is established, our port is none
 * that was seen listening within a day, and the other port is not an ephemeral one. A person's
 * attempt that nobody answers counts for nothing, or one call would make any host trusted.
 *
 * What is left: whoever has a login here can connect to a host that answers, and who can make a
 * service connect out can have that host trusted: ten minutes, for as long as he goes on. A service
 * that opens a port for one client and closes it again (passive FTP) trusts a client that comes
 * from a low port.
 *
 * Polled, so short connections may be missed. Bounded: {@link MAX_HOSTS} in all. When there are
 * more, the user who has most of them loses his idlest one, so that nobody pushes out another's.
 */
import type { Clock } from "../../clock.ts";
import type { Connection } from "../../kernel/sock-diag.ts";
import type { IpAddress } from "../../net/ip-address.ts";
import { hostPrefixOf } from "../../net/prefix.ts";
import type { SocketView } from "../socket-view.ts";
import { fromMachine, readingOf, type TrustReading, type TrustSource } from "./trust-source.ts";

/** Hosts that are remembered. */
export const MAX_HOSTS = 4096;

const REMEMBERED_MS = 600_000;
/** A restarting service does not listen for a moment, and its old connections live on. */
const LISTENED_MS = 86_400_000;

/** Below it are the users of services: Debian's adduser.conf, FIRST_UID. */
const FIRST_PERSONS_UID = 1000;

interface PortSpan {
  readonly first: number;
  readonly last: number;
}

export interface OutgoingOptions {
  /** Ports that this machine takes for its own connections, both ends included. */
  readonly ephemeral: PortSpan;
}

export class OutgoingHosts implements TrustSource {
  readonly name = "outgoing connections";
  readonly isVital = false;
  readonly #options: OutgoingOptions;
  readonly #sockets: SocketView;
  readonly #clock: Clock;
  /** By uid: when a connection of that user to the host was last seen; the idlest first. */
  readonly #seenAtMs = new Map<number, Map<IpAddress, number>>();
  /** Hosts remembered, one that two users have connected to twice. */
  #hosts = 0;
  /** When a port was last seen listening. At most 65,536. */
  readonly #listenedAtMs = new Map<number, number>();

  constructor(options: OutgoingOptions, sockets: SocketView, clock: Clock) {
    this.#options = options;
    this.#sockets = sockets;
    this.#clock = clock;
  }

  read(): TrustReading {
    return fromMachine(() => {
      const now = this.#clock.monotonicMs();
      for (const { transport, port } of this.#sockets.listening()) {
        if (transport === "tcp") this.#listenedAtMs.set(port, now);
      }
      for (const connection of this.#sockets.connections()) {
        if (this.#isOurs(connection, now)) this.#remember(connection, now);
      }
      this.#forget(now);
      const why = "this machine connected to it in the last 10 minutes";
      // In the order of addresses, so that the same hosts are the same facts.
      const hosts = new Set([...this.#seenAtMs.values()].flatMap((seen) => [...seen.keys()]));
      return readingOf([...hosts].sort().map((host) => ({ prefix: hostPrefixOf(host), why })));
    });
  }

  #isOurs(connection: Connection, now: number): boolean {
    if (connection.state === "syn-sent") return connection.uid < FIRST_PERSONS_UID;
    const listenedAtMs = this.#listenedAtMs.get(connection.port);
    if (listenedAtMs !== undefined && now - listenedAtMs < LISTENED_MS) return false;
    const { first, last } = this.#options.ephemeral;
    return connection.remotePort < first || connection.remotePort > last;
  }

  #remember({ uid, remoteAddress }: Connection, now: number): void {
    const seenAtMs = this.#seenAtMs.get(uid) ?? new Map<IpAddress, number>();
    this.#seenAtMs.set(uid, seenAtMs);
    // Taken out first: a Map keeps the place of a key that is set again.
    const isKnown = seenAtMs.delete(remoteAddress);
    seenAtMs.set(remoteAddress, now);
    if (isKnown) return;
    this.#hosts += 1;
    if (this.#hosts > MAX_HOSTS) this.#dropIdlestOfMost();
  }

  #dropIdlestOfMost(): void {
    let most = new Map<IpAddress, number>();
    for (const hosts of this.#seenAtMs.values()) if (hosts.size > most.size) most = hosts;
    const idlest = most.keys().next();
    if (!idlest.done && most.delete(idlest.value)) this.#hosts -= 1;
  }

  #forget(now: number): void {
    for (const [uid, hosts] of this.#seenAtMs) {
      for (const [address, seenAtMs] of hosts) {
        if (now - seenAtMs < REMEMBERED_MS) break;
        hosts.delete(address);
        this.#hosts -= 1;
      }
      if (hosts.size === 0) this.#seenAtMs.delete(uid);
    }
  }
}
