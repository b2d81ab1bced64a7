/**
 * Tells the kernel what is served, so that a service that restarts makes nobody a scanner.
 *
 * The kernel learns TCP ports from clients; this fills in those that had none yet, and UDP. It is
 * written at start and every minute with the grace time, so that the grace of a port begins when
 * its service was last seen. Loopback is left out: who serves 127.0.0.1 serves nobody outside. UDP
 * ports of the ephemeral range are sockets of clients.
 */
import { networkInterfaces } from "node:os";
import { OperationalError } from "../errors.ts";
import type { Nftables } from "../kernel/nftables.ts";
import type { Listener } from "../kernel/sock-diag.ts";
import { familyOf, type IpAddress } from "../net/ip-address.ts";
import { hostPrefixOf } from "../net/prefix.ts";
import type { Transport } from "../net/transport.ts";
import { elementText, replaceCommand } from "./executors/set-commands.ts";
import type { SocketView } from "./socket-view.ts";
import { type Interfaces, ownAddressesOf } from "./trust/own-addresses.ts";

const REFRESH_MS = 60_000;

/** No shorter, or what is served would be forgotten between two refreshes. */
const SHORTEST_GRACE_MS = 90_000;

/** Half of what a set holds: the rest is for what the kernel learns. */
const MAX_SERVED = 8192;

export interface ServedPort {
  readonly transport: Transport;
  /** One of the machine's own, never a wildcard and never loopback. */
  readonly address: IpAddress;
  readonly port: number;
}

export interface ServedKeeperOptions {
  /** How long a port counts as served after its service has gone. 30,000 to 86,400,000. */
  readonly graceMs: number;
  /** Ports that this machine takes for its own connections, both ends included. */
  readonly ephemeral: { readonly first: number; readonly last: number };
}

export interface ServedKeeperParts {
  readonly sockets: SocketView;
  readonly nft: Pick<Nftables, "run">;
  /** undefined: all is well. */
  readonly onFault: (fault: string | undefined) => void;
  readonly readInterfaces?: () => Interfaces;
}

/** @returns what the listeners serve to others, wildcards spelled out; none twice. */
export function servedBy(
  listeners: readonly Listener[],
  own: readonly IpAddress[],
  ephemeral: ServedKeeperOptions["ephemeral"],
): ServedPort[] {
  const served = new Map<string, ServedPort>();
  for (const { transport, address, port, isV6Only } of listeners) {
    const isEphemeral = port >= ephemeral.first && port <= ephemeral.last;
    if (transport === "udp" && isEphemeral) continue;
    for (const each of spelledOut(address, isV6Only, own)) {
      if (!isLoopback(each))
        served.set(`${transport} ${each} ${port}`, { transport, address: each, port });
    }
  }
  return [...served.values()];
}

export class ServedKeeper {
  #options: ServedKeeperOptions;
  readonly #parts: ServedKeeperParts;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ServedKeeperOptions, parts: ServedKeeperParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Writes by these options from the next time on. */
  reconfigure(options: ServedKeeperOptions): void {
    this.#options = options;
  }

  /** What is served now. @throws {OperationalError} when the kernel does not list its sockets. */
  served(): ServedPort[] {
    const { sockets, readInterfaces = networkInterfaces } = this.#parts;
    const own = ownAddressesOf(readInterfaces());
    return servedBy(sockets.listening(), own, this.#options.ephemeral);
  }

  /** Writes what is served now into the sets. @throws {OperationalError} ERR_KERNEL. */
  fill(): void {
    const timeoutMs = Math.max(this.#options.graceMs, SHORTEST_GRACE_MS);
    const served = this.served().slice(0, MAX_SERVED);
    const byFamily = Map.groupBy(served, ({ address }) => familyOf(address));
    const commands = [...byFamily].map(([family, ports]) =>
      replaceCommand(
        `served${family}`,
        ports.map((port) => ({ text: servedText(port), timeoutMs })),
      ),
    );
    if (commands.length === 0) return;
    const outcome = this.#parts.nft.run(commands.join(""));
    if (outcome.status === "ok") return;
    const reason = outcome.reason.split("\n", 1)[0];
    throw new OperationalError("ERR_KERNEL", `what is served cannot be written: ${reason}`);
  }

  /** Fills again every minute. Called once; `stop` ends it. */
  start(): void {
    this.#timer = setInterval(() => {
      this.#parts.onFault(this.#fillOrFault());
    }, REFRESH_MS);
  }

  /** May be called twice. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #fillOrFault(): string | undefined {
    try {
      this.fill();
      return undefined;
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      return error.message;
    }
  }
}

/** "::" takes IPv4 too, unless the socket says otherwise. */
function spelledOut(
  address: IpAddress,
  isV6Only: boolean,
  own: readonly IpAddress[],
): readonly IpAddress[] {
  if (address === "0.0.0.0") return own.filter((each) => familyOf(each) === 4);
  if (address !== "::") return [address];
  return isV6Only ? own.filter((each) => familyOf(each) === 6) : own;
}

function isLoopback(address: IpAddress): boolean {
  return address === "::1" || address.startsWith("127.");
}

function servedText({ transport, address, port }: ServedPort): string {
  const text = elementText(hostPrefixOf(address));
  return `${transport} . ${text} . ${port}`;
}
