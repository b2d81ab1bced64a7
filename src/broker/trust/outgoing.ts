/**
 * Hosts that this machine itself has connected to in the last ten minutes.
 *
 * A mail server's callback, a mirror, a database: banning those hurts the machine, and their late
 * packets look like probes. A scanner must not get in by connecting to us, so a connection counts
 * only when it is being opened by us (SYN-SENT), or when it is established, our port is none that
 * was seen listening within a day, and the other port is not an ephemeral one. What is left: a
 * service that opens a port for one client and closes it again (passive FTP) trusts a client that
 * comes from a low port, for ten minutes; and who can make this machine connect out is trusted.
 *
 * Polled, so short connections may be missed. Bounded: {@link MAX_HOSTS}, the idlest goes first.
 */
import type { Clock } from "../../clock.ts";
import type { Connection } from "../../kernel/sock-diag.ts";
import { familyOf, type IpAddress } from "../../net/ip-address.ts";
import { prefixOf } from "../../net/prefix.ts";
import type { SocketView } from "../socket-view.ts";
import { fromSockets, readingOf, type TrustReading, type TrustSource } from "./trust-source.ts";

/** Hosts that are remembered. */
export const MAX_HOSTS = 4096;

const REMEMBERED_MS = 600_000;
/** A restarting service does not listen for a moment, and its old connections live on. */
const LISTENED_MS = 86_400_000;

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
  /** When a connection to the host was last seen; the idlest first. */
  readonly #seenAtMs = new Map<IpAddress, number>();
  /** When a port was last seen listening. At most 65,536. */
  readonly #listenedAtMs = new Map<number, number>();

  constructor(options: OutgoingOptions, sockets: SocketView, clock: Clock) {
    this.#options = options;
    this.#sockets = sockets;
    this.#clock = clock;
  }

  read(): TrustReading {
    return fromSockets(() => {
      const now = this.#clock.monotonicMs();
      for (const { transport, port } of this.#sockets.listening()) {
        if (transport === "tcp") this.#listenedAtMs.set(port, now);
      }
      for (const connection of this.#sockets.connections()) {
        if (this.#isOurs(connection, now)) this.#remember(connection.remoteAddress, now);
      }
      for (const [address, seenAtMs] of this.#seenAtMs) {
        if (now - seenAtMs < REMEMBERED_MS) break;
        this.#seenAtMs.delete(address);
      }
      const why = "this machine connected to it in the last 10 minutes";
      // In the order of addresses, so that the same hosts are the same facts.
      const hosts = [...this.#seenAtMs.keys()].sort();
      return readingOf(
        hosts.map((host) => ({ prefix: prefixOf(host, familyOf(host) === 4 ? 32 : 128), why })),
      );
    });
  }

  #isOurs(connection: Connection, now: number): boolean {
    if (connection.state === "syn-sent") return true;
    const listenedAtMs = this.#listenedAtMs.get(connection.port);
    if (listenedAtMs !== undefined && now - listenedAtMs < LISTENED_MS) return false;
    const { first, last } = this.#options.ephemeral;
    return connection.remotePort < first || connection.remotePort > last;
  }

  #remember(address: IpAddress, now: number): void {
    // Taken out first: a Map keeps the place of a key that is set again.
    this.#seenAtMs.delete(address);
    this.#seenAtMs.set(address, now);
    if (this.#seenAtMs.size <= MAX_HOSTS) return;
    const idlest = this.#seenAtMs.keys().next().value;
    if (idlest !== undefined) this.#seenAtMs.delete(idlest);
  }
}
