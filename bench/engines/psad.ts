/**
 * The rule of psad: five packets that the firewall dropped, to two ports at the least, are a scan of
 * danger level 1, which is when it first tells somebody.
 *
 * Source: mrash/psad, psad.conf: DANGER_LEVEL1 5, PORT_RANGE_SCAN_THRESHOLD 1, CHECK_INTERVAL 5,
 * ENABLE_PERSISTENCE Y (a scan never times out), IGNORE_CONNTRACK_BUG_PKTS Y (TCP with ACK is passed
 * over). Left out: its signatures, which can raise the level for single packets to well-known ports;
 * that it bans nobody by itself until level 5, ten thousand packets, and not even then by default.
 */
import { TCP_ACK } from "../../src/packet/spec.ts";
import type { Sight } from "../sight.ts";
import { isDropped } from "./dropped.ts";
import type { Engine, EngineEntry, OnConviction } from "./engine.ts";

const LEVEL_1_PACKETS = 5;
const MIN_PORT_RANGE = 1;
const CHECK_INTERVAL_MS = 5000;

interface Scan {
  packets: number;
  lowestPort: number;
  highestPort: number;
}

class Psad implements Engine {
  readonly #onConviction: OnConviction;
  readonly #scans = new Map<string, Scan>();
  /** Sources of the log lines since the last look at the log. */
  readonly #unchecked = new Set<string>();
  #nextCheckAtEpochMs = Number.NEGATIVE_INFINITY;

  constructor(onConviction: OnConviction) {
    this.#onConviction = onConviction;
  }

  observe(sight: Sight): void {
    this.#checkUntil(sight.atEpochMs);
    const { header, peer } = sight;
    if (!isDropped(sight)) return;
    if (header.transport === "tcp" && (header.tcpFlags & TCP_ACK) !== 0) return;
    const port = header.destinationPort;
    const scan = this.#scans.get(peer) ?? { packets: 0, lowestPort: port, highestPort: port };
    this.#scans.set(peer, scan);
    scan.packets += 1;
    scan.lowestPort = Math.min(scan.lowestPort, port);
    scan.highestPort = Math.max(scan.highestPort, port);
    this.#unchecked.add(peer);
  }

  end(): void {
    if (this.#unchecked.size > 0) this.#check(this.#nextCheckAtEpochMs);
  }

  /** Looks at the log as often as it is due. */
  #checkUntil(nowEpochMs: number): void {
    if (nowEpochMs < this.#nextCheckAtEpochMs) return;
    if (this.#unchecked.size > 0) this.#check(this.#nextCheckAtEpochMs);
    this.#nextCheckAtEpochMs =
      Math.floor(nowEpochMs / CHECK_INTERVAL_MS) * CHECK_INTERVAL_MS + CHECK_INTERVAL_MS;
  }

  #check(atEpochMs: number): void {
    for (const source of this.#unchecked) {
      const { packets, lowestPort, highestPort } = this.#scans.get(source) as Scan;
      const isRange = highestPort - lowestPort >= MIN_PORT_RANGE;
      if (packets >= LEVEL_1_PACKETS && isRange) this.#onConviction(source, atEpochMs);
    }
    this.#unchecked.clear();
  }
}

export const PSAD: EngineEntry = {
  name: "psad",
  rule: "5 dropped packets to 2 ports, at any time; looks every 5 s",
  make: (onConviction) => new Psad(onConviction),
};
