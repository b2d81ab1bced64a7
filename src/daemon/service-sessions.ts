/**
 * Who has, or lately had, a connection to one of this machine's own services: what the kernel's
 * socket table says.
 *
 * It is asked after a source that nears conviction, because an honest client's successes never
 * reach us otherwise, and before a ban on less than proof, because such a ban would cut the
 * connection of whoever was framed. It needs no privilege. "Lately" is as long as the kernel keeps a
 * closed connection: a minute where this machine has closed it first, moments otherwise. Services
 * behind DNAT have their sockets elsewhere and are not seen.
 *
 * Each question walks the kernel's tables while the event loop waits, so that there are
 * {@link ASKED_A_SECOND} at the most, whatever senders do; beyond them the answer is that it is not
 * known. A half-open connection is none: a forger can begin one in anybody's name. A sender who
 * opens as many connections as a service takes makes an answer long: nothing is made for each, and
 * no more of them are read than an honest client has ({@link SocketTable.connectedPorts}). Beyond
 * that he may lose a service that spoke for him, and nobody else anything.
 */
import type { Clock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { SocketTable } from "../kernel/sock-diag.ts";
import type { Prefix } from "../net/prefix.ts";
import { SlidingWindow } from "../sliding-window.ts";

/** Questions in any second: about a millisecond each on a quiet machine. */
const ASKED_A_SECOND = 20;

/** How long (ms) a list of listeners is good. */
const LISTENERS_FRESH_MS = 1000;

/** How long (ms) a port is a service's after it was last seen listening: while one restarts. */
const SERVED_MS = 600_000;

/** Everything but a connection that one side alone has asked for. */
const STATES = [
  "established",
  "fin-wait-1",
  "fin-wait-2",
  "time-wait",
  "close-wait",
  "last-ack",
  "closing",
] as const;

/** The part of {@link SocketTable} that is used. */
type AskedTable = Pick<SocketTable, "open" | "listening" | "connectedPorts">;

export interface ServiceSessionsParts {
  readonly table: AskedTable;
  /** TCP ports of our own listeners, which serve nobody. */
  readonly trapPorts: ReadonlySet<number>;
  readonly clock: Clock;
  readonly health: Pick<HealthTracker, "raise" | "clear">;
}

export class ServiceSessions {
  readonly #parts: ServiceSessionsParts;
  readonly #asked = new SlidingWindow({ limit: ASKED_A_SECOND, windowMs: 1000 });
  /** When a TCP port was last seen listening. At most 65,536. */
  readonly #listenedAtMs = new Map<number, number>();
  #listenersAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ServiceSessionsParts) {
    this.#parts = parts;
  }

  /**
   * @returns the TCP ports of our services to which `source` has, or lately had, a connection,
   * ascending; undefined when that is not known, because it was asked too often or is not told.
   */
  portsOf(source: Prefix): readonly number[] | undefined {
    const { table, clock, health } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (!this.#asked.take(nowMs)) return undefined;
    try {
      table.open();
      this.#learnListeners(nowMs);
      const ports = table.connectedPorts({ remote: source, states: STATES });
      health.clear("sessions-unknown");
      return [...ports].filter((port) => this.#isService(port, nowMs)).sort((a, b) => a - b);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      health.raise(
        "sessions-unknown",
        "warning",
        `Who has a connection to this machine is not known: ${error.message}.`,
        'Only proof bans meanwhile; with PROOF="none" nobody\'s connections are asked after.',
      );
      return undefined;
    }
  }

  #learnListeners(nowMs: number): void {
    if (nowMs - this.#listenersAtMs < LISTENERS_FRESH_MS) return;
    for (const { transport, port } of this.#parts.table.listening()) {
      if (transport === "tcp") this.#listenedAtMs.set(port, nowMs);
    }
    this.#listenersAtMs = nowMs;
  }

  /** A port that only this machine's own connections come from is none. */
  #isService(port: number, nowMs: number): boolean {
    if (this.#parts.trapPorts.has(port)) return false;
    const listenedAtMs = this.#listenedAtMs.get(port);
    return listenedAtMs !== undefined && nowMs - listenedAtMs < SERVED_MS;
  }
}
