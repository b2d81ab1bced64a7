/**
 * The rule of CrowdSec's hub for port scans, iptables-scan-multi_ports: dropped TCP packets of one
 * source to different ports, each poured into a bucket of 15 that leaks one in five seconds; the
 * one that does not fit is a scan.
 *
 * Source: crowdsecurity/hub, scenarios/crowdsecurity/iptables-scan-multi_ports.yaml (capacity 15,
 * leakspeed 5s, distinct dst_port, blackhole 1m; TCP alone since hub #809). The bucket is empty, and
 * its ports forgotten, when nothing was poured in for 15 times 5 s. Left out: the way from the log
 * line to the bucket, which takes a second or so, and the private addresses that are never judged.
 */
import type { Sight } from "../sight.ts";
import { isDropped } from "./dropped.ts";
import type { Engine, EngineEntry, OnConviction } from "./engine.ts";

const CAPACITY = 15;
const LEAK_MS = 5000;
const EMPTY_AFTER_MS = CAPACITY * LEAK_MS;
const BLACKHOLE_MS = 60_000;

interface Bucket {
  level: number;
  lastAtEpochMs: number;
  readonly ports: Set<number>;
}

class Crowdsec implements Engine {
  readonly #onConviction: OnConviction;
  readonly #buckets = new Map<string, Bucket>();
  readonly #ignoredUntil = new Map<string, number>();

  constructor(onConviction: OnConviction) {
    this.#onConviction = onConviction;
  }

  observe(sight: Sight): void {
    const { header, peer, atEpochMs } = sight;
    if (!isDropped(sight) || header.transport !== "tcp") return;
    if (atEpochMs < (this.#ignoredUntil.get(peer) ?? 0)) return;
    let bucket = this.#buckets.get(peer);
    if (bucket === undefined || atEpochMs - bucket.lastAtEpochMs > EMPTY_AFTER_MS) {
      bucket = { level: 0, lastAtEpochMs: atEpochMs, ports: new Set() };
      this.#buckets.set(peer, bucket);
    }
    if (bucket.ports.has(header.destinationPort)) return;
    bucket.ports.add(header.destinationPort);
    const leaked = (atEpochMs - bucket.lastAtEpochMs) / LEAK_MS;
    bucket.level = Math.max(0, bucket.level - leaked) + 1;
    bucket.lastAtEpochMs = atEpochMs;
    if (bucket.level <= CAPACITY) return;
    this.#buckets.delete(peer);
    this.#ignoredUntil.set(peer, atEpochMs + BLACKHOLE_MS);
    this.#onConviction(peer, atEpochMs);
  }

  end(): void {}
}

export const CROWDSEC: EngineEntry = {
  name: "CrowdSec",
  rule: "16 different dropped TCP ports, less one for every 5 s",
  make: (onConviction) => new Crowdsec(onConviction),
};
