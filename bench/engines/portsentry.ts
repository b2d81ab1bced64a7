/**
 * The rule of PortSentry 2, reading packets off the link (its default): the first packet to a port
 * that no service has is a scan, because that is what SCAN_TRIGGER="0" means.
 *
 * Source: portsentry/portsentry, sentry_pcap.c, HandlePacket, and state_machine.c,
 * CheckStateEngine. Given every port to watch, not the thirty of its sample file, so that it misses
 * nothing for want of being told. A packet with ACK or RST is passed over, as is one in fragments.
 * Left out: the ignore file, and that it forgets the oldest of a million addresses.
 */
import { TCP_ACK } from "../../src/packet/spec.ts";
import type { Sight } from "../sight.ts";
import type { Engine, EngineEntry, OnConviction } from "./engine.ts";

const TCP_RST = 0x04;
/** SCAN_TRIGGER of the sample file; 0 and 1 are the same. */
const TRIGGER_HITS = 1;

export class Portsentry implements Engine {
  readonly #onConviction: OnConviction;
  readonly #triggerHits: number;
  /** Hits by address, whatever their port, for ever. */
  readonly #hits = new Map<string, number>();

  /** @param triggerHits the hit that convicts. At least 1. */
  constructor(onConviction: OnConviction, triggerHits = TRIGGER_HITS) {
    this.#onConviction = onConviction;
    this.#triggerHits = triggerHits;
  }

  observe({ direction, header, peer, atEpochMs, hasSocket, isReassembled }: Sight): void {
    if (direction !== "in" || header.transport === undefined || isReassembled) return;
    if (header.transport === "tcp" && (header.tcpFlags & (TCP_ACK | TCP_RST)) !== 0) return;
    if (hasSocket) return;
    const hits = (this.#hits.get(peer) ?? 0) + 1;
    this.#hits.set(peer, hits);
    if (hits >= this.#triggerHits) this.#onConviction(peer, atEpochMs);
  }

  end(): void {}
}

export const PORTSENTRY: EngineEntry = {
  name: "PortSentry 2",
  rule: "one packet to a port without a service, at any time (SCAN_TRIGGER 0)",
  make: (onConviction) => new Portsentry(onConviction),
};
