/**
 * The link of one machine, as its own tcpdump would record it: what comes in, and what the machine
 * answers, as Linux does without a firewall.
 *
 * A closed port of TCP refuses, one of UDP sends "port unreachable", six at once and then one a
 * second for each address (net.ipv4.icmp_ratelimit); a service accepts. That is what the engines
 * that judge by refusals need; those that drop are asked to judge the same packets.
 */
import type { Packet, Service } from "../scenario.ts";
import { type Ends, encodePortUnreachable, encodeTcp, encodeUdp } from "./packets.ts";
import { stackSyn, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from "./senders.ts";

/** How long the machine takes to answer. */
const ANSWER_MS = 0.05;
const ICMP_BURST = 6;
/** What a client asks, and what it gets. */
const REQUEST_BYTES = 120;
const REPLY_BYTES = 480;
const ICMP_EVERY_MS = 1000;

/** How an ordinary connection runs. */
export interface ConnectionOptions {
  readonly stack?: "linux" | "windows";
  /** Between two packets of one side: the way there and back. Default 20. */
  readonly roundTripMs?: number;
  /** How long it is open. Default 200. */
  readonly lastsMs?: number;
  /** Who closes it first. Default "client". */
  readonly closedBy?: "client" | "server";
}

export class Link {
  readonly address: string;
  readonly services: readonly Service[];
  readonly #packets: Packet[] = [];
  readonly #icmp = new Map<string, { tokens: number; atEpochMs: number }>();
  #sequence = 0x1000_0000;

  constructor(address: string, services: readonly Service[]) {
    this.address = address;
    this.services = services;
  }

  /** All packets in the order in which they passed. */
  packets(): Packet[] {
    // Stable, so that an answer does not come before its cause at the same time.
    return this.#packets.toSorted((a, b) => a.atEpochMs - b.atEpochMs);
  }

  /** A packet that nobody answers. */
  pass(atEpochMs: number, bytes: Buffer): void {
    this.#packets.push({ atEpochMs, bytes });
  }

  /**
   * A SYN comes in: refused by a closed port, accepted by an open one, and whoever sent it without
   * a stack's knowledge resets what was accepted.
   * @returns the sequence number with which it was accepted; undefined: it was refused.
   */
  probe(
    atEpochMs: number,
    bytes: Buffer,
    ends: Ends,
    resetAfterMs: number | undefined,
  ): number | undefined {
    this.pass(atEpochMs, bytes);
    const isOpen = this.isRunning("tcp", ends.destinationPort, atEpochMs);
    const acknowledgement = (bytes.readUInt32BE(bytes.length - segmentBytes(bytes) + 4) + 1) >>> 0;
    const sequence = isOpen ? this.#nextSequence() : 0;
    const flags = isOpen ? TCP_SYN | TCP_ACK : TCP_RST | TCP_ACK;
    const window = isOpen ? 64_240 : 0;
    const fields = { ...reversed(ends), flags, sequence, acknowledgement, window };
    this.pass(atEpochMs + ANSWER_MS, encodeTcp({ ...fields, df: true }));
    if (!isOpen) return undefined;
    if (resetAfterMs !== undefined) {
      const reset = encodeTcp({ ...ends, flags: TCP_RST, sequence: acknowledgement, df: true });
      this.pass(atEpochMs + resetAfterMs, reset);
    }
    return sequence;
  }

  /** A client's whole connection, or its attempt. @returns when its last packet passed. */
  connect(atEpochMs: number, ends: Ends, options: ConnectionOptions = {}): number {
    const { stack = "linux", roundTripMs = 20, lastsMs = 200, closedBy = "client" } = options;
    const initial = this.#nextSequence();
    const accepted = this.probe(atEpochMs, stackSyn(ends, stack, initial), ends, undefined);
    if (accepted === undefined) return atEpochMs + ANSWER_MS;
    // The next number of each side, which is also what the other side acknowledges.
    let [client, server] = [initial + 1, accepted + 1];
    const both = { window: 502, df: true };
    const send = (afterMs: number, isClient: boolean, flags: number, payloadBytes: number) => {
      const [sequence, acknowledgement] = isClient ? [client, server] : [server, client];
      const numbers = { sequence, acknowledgement, flags: flags | TCP_ACK, payloadBytes };
      const segment = encodeTcp({ ...(isClient ? ends : reversed(ends)), ...both, ...numbers });
      this.pass(atEpochMs + afterMs, segment);
      const counted = payloadBytes + ((flags & TCP_FIN) === 0 ? 0 : 1);
      if (isClient) client += counted;
      else server += counted;
    };
    const closesAfterMs = roundTripMs + lastsMs;
    send(roundTripMs, true, 0, 0);
    send(roundTripMs + 1, true, TCP_PSH, REQUEST_BYTES);
    send(roundTripMs + 2, false, TCP_PSH, REPLY_BYTES);
    const isClientFirst = closedBy === "client";
    send(closesAfterMs, isClientFirst, TCP_FIN, 0);
    send(closesAfterMs + ANSWER_MS, !isClientFirst, TCP_FIN, 0);
    send(closesAfterMs + roundTripMs, isClientFirst, 0, 0);
    return atEpochMs + closesAfterMs + roundTripMs;
  }

  /** A datagram comes in; a closed port says so, as often as Linux does, a service answers. */
  ask(atEpochMs: number, ends: Ends, payloadBytes = 20): void {
    const bytes = encodeUdp({ ...ends, payloadBytes, ttl: 54 });
    this.pass(atEpochMs, bytes);
    if (this.isRunning("udp", ends.destinationPort, atEpochMs)) {
      const answer = encodeUdp({ ...reversed(ends), payloadBytes: 60, df: true });
      this.pass(atEpochMs + ANSWER_MS, answer);
    } else if (this.#mayRefuse(ends.source, atEpochMs)) {
      this.pass(atEpochMs + ANSWER_MS, encodePortUnreachable(bytes));
    }
  }

  isRunning(transport: Service["transport"], port: number, atEpochMs: number): boolean {
    const service = this.services.find(
      (candidate) => candidate.transport === transport && candidate.port === port,
    );
    const outages = service?.outages ?? [];
    const isOut = outages.some(([from, to]) => atEpochMs >= from && atEpochMs < to);
    return service !== undefined && !isOut;
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence + 64_021) >>> 0;
    return this.#sequence;
  }

  #mayRefuse(address: string, atEpochMs: number): boolean {
    const bucket = this.#icmp.get(address) ?? { tokens: ICMP_BURST, atEpochMs };
    this.#icmp.set(address, bucket);
    const earned = (atEpochMs - bucket.atEpochMs) / ICMP_EVERY_MS;
    bucket.tokens = Math.min(ICMP_BURST, bucket.tokens + earned);
    bucket.atEpochMs = atEpochMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

/** The ends of the answer. */
function reversed({ source, destination, sourcePort, destinationPort }: Ends): Ends {
  return {
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
}

/** The TCP header and what is behind it. */
function segmentBytes(packet: Buffer): number {
  return packet.length - (packet.readUInt8(0) >> 4 === 6 ? 40 : 20);
}
