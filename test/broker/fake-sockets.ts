/** A socket table whose content a test sets. */
import type { SocketLister } from "../../src/broker/socket-view.ts";
import type { Connection, ConnectionFilter, Listener } from "../../src/kernel/sock-diag.ts";
import { address } from "./fakes.ts";

export class FakeSockets implements SocketLister {
  listeners: Listener[] = [];
  connected: Connection[] = [];
  /** Thrown instead of an answer. */
  failure: Error | undefined;
  /** Dumps asked for so far. */
  dumps = 0;

  listening(): Listener[] {
    this.#count();
    return this.listeners;
  }

  connections(filter: ConnectionFilter = {}): Connection[] {
    this.#count();
    return this.connected.filter(({ state }) => filter.states?.includes(state) ?? true);
  }

  #count(): void {
    this.dumps += 1;
    if (this.failure !== undefined) throw this.failure;
  }
}

type Texts = { readonly address?: string; readonly remoteAddress?: string };

/** An established connection from our port 40000 to 192.0.2.7:443, but for what is given. */
export function connection(
  given: Partial<Omit<Connection, "address" | "remoteAddress">> & Texts = {},
): Connection {
  return {
    port: 40_000,
    remotePort: 443,
    state: "established",
    uid: 0,
    inode: 1,
    interfaceIndex: 0,
    ...given,
    address: address(given.address ?? "192.0.2.10"),
    remoteAddress: address(given.remoteAddress ?? "192.0.2.7"),
  };
}

/** A TCP listener on every IPv4 address, but for what is given. */
export function listener(
  given: Partial<Omit<Listener, "address">> & { readonly address?: string } = {},
): Listener {
  return {
    transport: "tcp",
    port: 22,
    isV6Only: false,
    uid: 0,
    inode: 1,
    interfaceIndex: 0,
    ...given,
    address: address(given.address ?? "0.0.0.0"),
  };
}
