/**
 * The rule of bro-simple-scan, which Zeek's authors name for what Zeek itself does not find any
 * more: 25 different addresses and ports on which a connection attempt failed, with no fifteen
 * minutes in between, or 20 addresses on one port.
 *
 * Source: ncsa/bro-simple-scan, scripts/scan.zeek, add_scan_attempt, for a source outside the
 * network. An attempt has failed when a SYN was refused (history "Sr"), or not answered for
 * tcp_attempt_delay, 5 s ("S"); so TCP alone, and no other scans than SYN and connect. Left out:
 * lower thresholds for who has touched three addresses of a darknet, which one machine has not.
 */
import { TCP_ACK, TCP_SYN } from "../../src/packet/spec.ts";
import type { Sight } from "../sight.ts";
import type { Engine, EngineEntry, OnConviction } from "./engine.ts";

const THRESHOLD = 25;
const KNOCK_THRESHOLD = 20;
const TIMEOUT_MS = 900_000;
const KNOWN_SCANNER_MS = 3_600_000;
const ATTEMPT_DELAY_MS = 5000;
const TCP_RST = 0x04;

interface Attempt {
  readonly source: string;
  readonly victim: string;
  readonly port: number;
  readonly atEpochMs: number;
}

interface Attacker {
  lastAtEpochMs: number;
  readonly attempts: Set<string>;
  readonly portCounts: Map<number, number>;
}

class SimpleScan implements Engine {
  readonly #onConviction: OnConviction;
  /** Attempts that nothing has answered yet, by connection, the oldest first. */
  readonly #pending = new Map<string, Attempt>();
  readonly #attackers = new Map<string, Attacker>();
  readonly #knownUntil = new Map<string, number>();

  constructor(onConviction: OnConviction) {
    this.#onConviction = onConviction;
  }

  observe({ direction, header, peer, atEpochMs }: Sight): void {
    this.#failPending(atEpochMs);
    if (header.transport !== "tcp") return;
    const { tcpFlags, sourcePort, destinationPort } = header;
    if (direction === "in") {
      if ((tcpFlags & (TCP_SYN | TCP_ACK | TCP_RST)) !== TCP_SYN) return;
      const victim = header.destination.join();
      const key = `${peer} ${sourcePort} ${victim} ${destinationPort}`;
      if (this.#pending.has(key)) return;
      this.#pending.set(key, { source: peer, victim, port: destinationPort, atEpochMs });
      return;
    }
    const key = `${peer} ${destinationPort} ${header.source.join()} ${sourcePort}`;
    const attempt = this.#pending.get(key);
    if (attempt === undefined) return;
    this.#pending.delete(key);
    if ((tcpFlags & TCP_RST) !== 0) this.#addFailure(attempt, atEpochMs);
  }

  end(): void {
    this.#failPending(Number.POSITIVE_INFINITY);
  }

  /** Gives up what was not answered in time. */
  #failPending(nowEpochMs: number): void {
    for (const [key, attempt] of this.#pending) {
      const failsAtEpochMs = attempt.atEpochMs + ATTEMPT_DELAY_MS;
      if (failsAtEpochMs > nowEpochMs) return;
      this.#pending.delete(key);
      this.#addFailure(attempt, failsAtEpochMs);
    }
  }

  #addFailure({ source, victim, port }: Attempt, atEpochMs: number): void {
    if (atEpochMs < (this.#knownUntil.get(source) ?? 0)) return;
    let attacker = this.#attackers.get(source);
    if (attacker === undefined || atEpochMs - attacker.lastAtEpochMs > TIMEOUT_MS) {
      attacker = { lastAtEpochMs: atEpochMs, attempts: new Set(), portCounts: new Map() };
      this.#attackers.set(source, attacker);
    }
    attacker.lastAtEpochMs = atEpochMs;
    const name = `${victim} ${port}`;
    if (attacker.attempts.has(name)) return;
    attacker.attempts.add(name);
    const portCount = (attacker.portCounts.get(port) ?? 0) + 1;
    attacker.portCounts.set(port, portCount);
    if (attacker.attempts.size < THRESHOLD && portCount < KNOCK_THRESHOLD) return;
    this.#attackers.delete(source);
    this.#knownUntil.set(source, atEpochMs + KNOWN_SCANNER_MS);
    this.#onConviction(source, atEpochMs);
  }
}

export const SIMPLE_SCAN: EngineEntry = {
  name: "simple-scan",
  rule: "25 failed TCP attempts, or 20 addresses on a port, with no pause of 15 min",
  make: (onConviction) => new SimpleScan(onConviction),
};
