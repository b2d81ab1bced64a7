/**
 * The kernel's socket table, listed once for all who ask within the same second.
 *
 * A dump walks whole hash tables, and three keepers want one at the same moment.
 */
import type { Clock } from "../clock.ts";
import type { Connection, Listener, SocketTable } from "../kernel/sock-diag.ts";

const FRESH_MS = 1000;

/** The part of {@link SocketTable} that is used. */
export type SocketLister = Pick<SocketTable, "listening" | "connections">;

export class SocketView {
  readonly #table: SocketLister;
  readonly #clock: Clock;
  #listeners: { readonly atMs: number; readonly all: readonly Listener[] } | undefined;
  #connections: { readonly atMs: number; readonly all: readonly Connection[] } | undefined;

  constructor(table: SocketLister, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** At most a second old. @throws {OperationalError} as {@link SocketTable.listening}. */
  listening(): readonly Listener[] {
    const now = this.#clock.monotonicMs();
    if (this.#listeners === undefined || now - this.#listeners.atMs >= FRESH_MS) {
      this.#listeners = { atMs: now, all: this.#table.listening() };
    }
    return this.#listeners.all;
  }

  /**
   * TCP connections that are established or being opened by this machine; at most a second old.
   * @throws {OperationalError} as {@link SocketTable.connections}.
   */
  connections(): readonly Connection[] {
    const now = this.#clock.monotonicMs();
    if (this.#connections === undefined || now - this.#connections.atMs >= FRESH_MS) {
      const all = this.#table.connections({ states: ["established", "syn-sent"] });
      this.#connections = { atMs: now, all };
    }
    return this.#connections.all;
  }
}
