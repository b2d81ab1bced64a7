/**
 * The rule of scanlogd, which is also that of xtables-addons' psd and of RouterOS' `psd=21,3s,3,1`:
 * seven low ports or twenty-one high ones, with no more than three seconds from one new port to the
 * next.
 *
 * Source: openwall/scanlogd, scanlogd.c, process_packet, and params.h, with its order of checks.
 * TCP over IPv4 alone. Left out: the limit of five log lines in twenty seconds, which tells fewer
 * scans than were found, and the chains of its hash, of which at most 16 addresses may be one. Kept:
 * the list of 256 sources, of which a flood pushes out the oldest.
 */
import { TCP_ACK } from "../../src/packet/spec.ts";
import type { Sight } from "../sight.ts";
import type { Engine, EngineEntry, OnConviction } from "./engine.ts";

const LIST_SIZE = 256;
const DELAY_MS = 3000;
const WEIGHT = 21;
const LOW_PORT_WEIGHT = 3;
const HIGH_PORT_WEIGHT = 1;
const FIRST_HIGH_PORT = 1024;
const TCP_RST = 0x04;

interface Host {
  readonly source: string;
  lastAtEpochMs: number;
  weight: number;
  readonly ports: Set<number>;
}

class Scanlogd implements Engine {
  readonly #onConviction: OnConviction;
  readonly #hosts = new Map<string, Host>();
  /** A ring: the entry at `#next` is the oldest. */
  readonly #list: (Host | undefined)[] = Array(LIST_SIZE).fill(undefined);
  #next = 0;

  constructor(onConviction: OnConviction) {
    this.#onConviction = onConviction;
  }

  observe({ direction, header, peer, atEpochMs, isReassembled }: Sight): void {
    if (direction !== "in" || header.transport !== "tcp" || header.version !== 4) return;
    // It reads packets off the link and passes fragments over.
    if (isReassembled) return;
    const { destinationPort: port, tcpFlags: flags } = header;
    const host = this.#hosts.get(peer);
    if (host !== undefined && atEpochMs - host.lastAtEpochMs <= DELAY_MS) {
      if (host.ports.has(port) || (flags & (TCP_ACK | TCP_RST)) !== 0) return;
      host.lastAtEpochMs = atEpochMs;
      if (host.weight >= WEIGHT) return;
      host.weight += weightOf(port);
      if (host.weight >= WEIGHT) this.#onConviction(peer, atEpochMs);
      else host.ports.add(port);
      return;
    }
    if (host !== undefined) this.#hosts.delete(peer);
    if ((flags & TCP_ACK) !== 0) return;
    this.#remember({
      source: peer,
      lastAtEpochMs: atEpochMs,
      weight: weightOf(port),
      ports: new Set([port]),
    });
  }

  end(): void {}

  #remember(host: Host): void {
    const oldest = this.#list[this.#next];
    if (oldest !== undefined && this.#hosts.get(oldest.source) === oldest) {
      this.#hosts.delete(oldest.source);
    }
    this.#list[this.#next] = host;
    this.#next = (this.#next + 1) % LIST_SIZE;
    this.#hosts.set(host.source, host);
  }
}

function weightOf(port: number): number {
  return port < FIRST_HIGH_PORT ? LOW_PORT_WEIGHT : HIGH_PORT_WEIGHT;
}

export const SCANLOGD: EngineEntry = {
  name: "scanlogd",
  rule: "TCP ports weigh 3 below 1024 and 1 from there; 21 with no pause above 3 s",
  make: (onConviction) => new Scanlogd(onConviction),
};
