/**
 * The rule of Snort 3's port_scan with its medium setting: counts refusals, attempts, and changes
 * of port and address, for the scanned machine and for the scanning one, in windows of 90 s.
 *
 * Source: snort3/snort3, port_scan/ps_detect.cc (ps_tracker_update_tcp, _udp, and the four alerts)
 * and lua/snort_defaults.lua, default_med_port_scan. The scanned machine's counters know no source,
 * so who is convicted is whoever is the other end of the packet that made the alert, as Snort's own
 * event says. A refusal is a RST to a connection that was not established, or an ICMP "port
 * unreachable". `ports` counts changes from one packet to the next, as the source does, and not
 * different ports. Left out: the scan of IP protocols, which needs 50 of them, and memory limits.
 */
import { PROTOCOL_ICMP, TCP_ACK, TCP_SYN } from "../../src/packet/spec.ts";
import type { Sight } from "../sight.ts";
import type { Engine, EngineEntry, OnConviction } from "./engine.ts";

const WINDOW_MS = 90_000;
const TCP_RST = 0x04;
/** Echo request: RFC 792. Its sweep is sought by the scanning machine's counters alone. */
const ICMP_ECHO = 8;
const ICMP_SWEEP: Limits = { scans: 20, rejects: 5, nets: 5, ports: 5 };
/** A connection that nobody closes is forgotten after so long: stream_tcp, idle timeout. */
const SESSION_MS = 3_600_000;

interface Limits {
  readonly scans: number;
  readonly rejects: number;
  readonly nets: number;
  readonly ports: number;
}

/** default_med_port_scan of snort_defaults.lua. */
const TCP_LIMITS = {
  ports: { scans: 200, rejects: 10, nets: 60, ports: 15 },
  decoy: { scans: 200, rejects: 30, nets: 120, ports: 60 },
  sweep: { scans: 30, rejects: 7, nets: 7, ports: 10 },
  dist: { scans: 200, rejects: 30, nets: 120, ports: 30 },
} as const satisfies Record<string, Limits>;
const UDP_LIMITS = { ...TCP_LIMITS, sweep: { scans: 30, rejects: 5, nets: 5, ports: 20 } } as const;

/** One side's counters; PS_PROTO of the source. */
class Counters {
  scans = 0;
  rejects = 0;
  nets = 0;
  ports = 0;
  hasAlerted = false;
  #windowEndsAtEpochMs = Number.NEGATIVE_INFINITY;
  #lastAddress = "";
  #lastPort = 0;

  addScan(address: string, port: number, atEpochMs: number): void {
    if (atEpochMs > this.#windowEndsAtEpochMs) this.#beginWindow(atEpochMs);
    this.scans += 1;
    if (address !== this.#lastAddress) this.nets += 1;
    this.#lastAddress = address;
    if (port !== this.#lastPort) this.ports += 1;
    this.#lastPort = port;
  }

  takeScanBack(): void {
    this.scans = Math.max(0, this.scans - 1);
  }

  #beginWindow(atEpochMs: number): void {
    this.scans = 0;
    this.rejects = 0;
    this.nets = 0;
    this.ports = 0;
    this.hasAlerted = false;
    this.#lastAddress = "";
    this.#lastPort = 0;
    this.#windowEndsAtEpochMs = atEpochMs + WINDOW_MS;
  }
}

interface Session {
  /** "ours": the other end is the server, so that whatever it is about is no scan of us. */
  state: "asked" | "answered" | "established" | "ours";
  lastAtEpochMs: number;
}

class Snort implements Engine {
  readonly #onConviction: OnConviction;
  readonly #scanned = new Map<string, Counters>();
  readonly #scanners = new Map<string, Counters>();
  readonly #sessions = new Map<string, Session>();

  constructor(onConviction: OnConviction) {
    this.#onConviction = onConviction;
  }

  observe(sight: Sight): void {
    const { header, unreachable, peer, direction, atEpochMs, packet } = sight;
    if (direction === "in" && header.protocol === PROTOCOL_ICMP) {
      if (packet.bytes[header.transportOffset] !== ICMP_ECHO) return;
      const pinger = countersOf(this.#scanners, `icmp ${peer}`);
      pinger.addScan(header.destination.join(), 0, atEpochMs);
      if (isSweep(ICMP_SWEEP, pinger) && mark(pinger)) this.#onConviction(peer, atEpochMs);
      return;
    }
    const transport = header.transport ?? (direction === "out" ? unreachable : undefined);
    if (transport === undefined) return;
    const ours = (direction === "in" ? header.destination : header.source).join();
    const scanned = countersOf(this.#scanned, `${transport} ${ours}`);
    const scanner = countersOf(this.#scanners, `${transport} ${peer}`);
    if (header.transport === undefined) {
      scanned.rejects += 1;
      scanner.rejects += 1;
    } else if (transport === "tcp") {
      if (!this.#takeTcp(sight, ours, scanned, scanner)) return;
    } else if (!this.#takeUdp(sight, ours, scanned, scanner)) {
      return;
    }
    const limits = transport === "tcp" ? TCP_LIMITS : UDP_LIMITS;
    if (alerts(limits, scanned, scanner)) this.#onConviction(peer, atEpochMs);
  }

  end(): void {}

  /** @returns whether the packet may make an alert; what runs in a connection may not. */
  #takeTcp(sight: Sight, ours: string, scanned: Counters, scanner: Counters): boolean {
    const { header, direction, peer, atEpochMs } = sight;
    const { tcpFlags } = header;
    const isIn = direction === "in";
    const key = keyOf(sight, ours);
    let session = this.#sessions.get(key);
    if (session !== undefined && atEpochMs - session.lastAtEpochMs > SESSION_MS)
      session = undefined;
    const isReset = (tcpFlags & TCP_RST) !== 0;
    const begins = tcpFlags & (TCP_SYN | TCP_ACK);
    if (isIn && begins === TCP_SYN && session?.state !== "established") {
      this.#sessions.set(key, { state: "asked", lastAtEpochMs: atEpochMs });
      scanned.addScan(peer, header.destinationPort, atEpochMs);
      scanner.addScan(ours, header.destinationPort, atEpochMs);
      return true;
    }
    if (session === undefined && begins === (isIn ? TCP_SYN | TCP_ACK : TCP_SYN)) {
      this.#sessions.set(key, { state: "ours", lastAtEpochMs: atEpochMs });
      return false;
    }
    if (isReset) this.#sessions.delete(key);
    const isOpen = session?.state === "established" || session?.state === "ours";
    if (!isIn && isReset && !isOpen) {
      scanned.rejects += 1;
      scanner.rejects += 1;
      return true;
    }
    if (session === undefined) return false;
    session.lastAtEpochMs = atEpochMs;
    if (!isIn && begins === (TCP_SYN | TCP_ACK)) {
      session.state = "answered";
    } else if (isIn && session.state === "answered" && (tcpFlags & TCP_ACK) !== 0) {
      session.state = "established";
      scanned.takeScanBack();
      scanner.takeScanBack();
    }
    return false;
  }

  #takeUdp(sight: Sight, ours: string, scanned: Counters, scanner: Counters): boolean {
    const { header, direction, peer, atEpochMs, isAnswer } = sight;
    // An answer to what we have asked is of a flow that we began: its client is not the peer.
    if (isAnswer) return false;
    const key = `udp ${keyOf(sight, ours)}`;
    if (direction === "out") {
      if (this.#sessions.has(key)) {
        scanned.takeScanBack();
        scanner.takeScanBack();
      }
      return false;
    }
    this.#sessions.set(key, { state: "asked", lastAtEpochMs: atEpochMs });
    scanned.addScan(peer, header.destinationPort, atEpochMs);
    scanner.addScan(ours, header.destinationPort, atEpochMs);
    return true;
  }
}

/** Names a flow, in whichever direction the packet goes. */
function keyOf({ direction, header, peer }: Sight, ours: string): string {
  const { sourcePort, destinationPort } = header;
  const ports = direction === "in" ? [sourcePort, destinationPort] : [destinationPort, sourcePort];
  return `${peer} ${ours} ${ports.join(" ")}`;
}

function countersOf(all: Map<string, Counters>, key: string): Counters {
  const counters = all.get(key) ?? new Counters();
  all.set(key, counters);
  return counters;
}

/** The four alerts, in the source's order; the first that holds marks its side. */
function alerts(
  { ports, decoy, sweep, dist }: typeof TCP_LIMITS | typeof UDP_LIMITS,
  scanned: Counters,
  scanner: Counters,
): boolean {
  if (!scanned.hasAlerted) {
    const isOneToOne = scanned.nets < ports.nets && scanned.ports >= ports.ports;
    const isRefused = scanned.rejects >= ports.rejects && scanner.rejects >= ports.rejects;
    if (isOneToOne && (isRefused || scanned.scans >= ports.scans)) return mark(scanned);
    if (isMany(decoy, scanned) && scanned.nets >= decoy.nets && scanned.ports >= decoy.ports) {
      return mark(scanned);
    }
  }
  if (isSweep(sweep, scanner)) return mark(scanner);
  if (!scanned.hasAlerted) {
    const isDistributed = scanned.nets <= dist.nets && scanned.ports >= dist.ports;
    if (isDistributed && isMany(dist, scanned)) return mark(scanned);
  }
  return false;
}

function isSweep(limits: Limits, { hasAlerted, nets, ports, ...scanner }: Counters): boolean {
  if (hasAlerted || nets < limits.nets || ports > limits.ports) return false;
  return isMany(limits, scanner);
}

function isMany(limits: Limits, { rejects, scans }: Pick<Counters, "rejects" | "scans">): boolean {
  return rejects >= limits.rejects || scans >= limits.scans;
}

function mark(counters: Counters): true {
  counters.hasAlerted = true;
  return true;
}

export const SNORT: EngineEntry = {
  name: "Snort medium",
  rule: "10 refusals and 15 ports, or 200 attempts, in 90 s; more for several sources",
  make: (onConviction) => new Snort(onConviction),
};
