/**
 * Vedette itself: the detector of the product with the numbers of its default configuration, behind
 * what the kernel's table lets through to it.
 *
 * What the table decides is repeated here in a few lines (docs/table.nft): flags that are somebody's
 * answer, ports that a socket takes, ports that were served lately, excluded ports, UDP that may be
 * a late answer. Left out: holds, which change what a scanner learns and not who is convicted, and
 * successes on real services.
 */
import type { Clock } from "../../src/clock.ts";
import { SequentialDetector } from "../../src/detectors/sequential.ts";
import type { Probe } from "../../src/model/probe.ts";
import { PortSet } from "../../src/net/port-range.ts";
import { firstAddressOf } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { TCP_ACK, TCP_FIN, TCP_SYN } from "../../src/packet/spec.ts";
import { kindOfTcpFlags } from "../../src/sensors/probe-kind.ts";
import type { Sight } from "../sight.ts";
import type { Engine, EngineEntry, OnConviction } from "./engine.ts";

const TCP_RST = 0x04;
const HOUR_MS = 3_600_000;
/** GRACE, and the 30 s for which a port is not written again. */
const SERVED_MS = 630_000;
const TRAP_PORTS = new PortSet([23, 135, 139, 445, 1433, 2323, 3389, 5555, 5900]);
const EXCLUDED_TCP = new PortSet([113]);
const EXCLUDED_UDP = new PortSet([67, 68, 137, 138, 520, 1900, 3702, 5353, 5355]);
const LISTED_UDP = new PortSet([
  1, 7, 9, 69, 161, 162, 513, 635, 640, 641, 700, 31335, 31337, 32770, 32771, 32772, 32773, 32774,
  34555, 37444, 54321,
]);
const ANSWERING_PORTS = new PortSet([53, 123, 443]);

class Vedette implements Engine {
  readonly #onConviction: OnConviction;
  readonly #detector: SequentialDetector;
  /** By our address and port: when a SYN last found a service. */
  readonly #servedAtEpochMs = new Map<string, number>();
  #nowEpochMs = 0;

  constructor(onConviction: OnConviction, isStrict: boolean) {
    this.#onConviction = onConviction;
    const clock: Clock = {
      monotonicMs: () => this.#nowEpochMs,
      epochMs: () => this.#nowEpochMs,
    };
    this.#detector = new SequentialDetector(
      {
        isStrict,
        halfLifeMs: 6 * HOUR_MS,
        trapPorts: TRAP_PORTS,
        areUnused: true,
        recordMs: 24 * HOUR_MS,
        maxSources: 65_536,
      },
      clock,
      new SourceKeys({ ipv6PrefixBits: 64 }),
    );
  }

  observe(sight: Sight): void {
    this.#nowEpochMs = sight.atEpochMs;
    if (sight.direction !== "in" || !this.#isProbe(sight)) return;
    const verdict = this.#detector.observe(probeOf(sight));
    if (verdict !== undefined) this.#onConviction(firstAddressOf(verdict.source), sight.atEpochMs);
  }

  end(): void {}

  #isProbe(sight: Sight): boolean {
    const { header } = sight;
    if (header.transport === undefined) return false;
    if (header.transport === "udp") return !sight.hasSocket && isUdpProbe(header);
    const flags = header.tcpFlags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK);
    if ((flags & (TCP_SYN | TCP_ACK)) === TCP_ACK || (flags & TCP_RST) !== 0) return false;
    if (flags === (TCP_SYN | TCP_ACK)) return false;
    const key = `${header.destination.join()} ${header.destinationPort}`;
    if (sight.hasSocket) {
      if (flags === TCP_SYN) this.#servedAtEpochMs.set(key, sight.atEpochMs);
      return false;
    }
    const servedMs = sight.atEpochMs - (this.#servedAtEpochMs.get(key) ?? Number.NEGATIVE_INFINITY);
    return servedMs > SERVED_MS && !EXCLUDED_TCP.has(header.destinationPort);
  }
}

/** What the table takes for a late answer is none. */
function isUdpProbe({ sourcePort, destinationPort }: Sight["header"]): boolean {
  if (EXCLUDED_UDP.has(destinationPort)) return false;
  if (LISTED_UDP.has(destinationPort)) {
    return !(ANSWERING_PORTS.has(sourcePort) && destinationPort >= 1024);
  }
  if (sourcePort < 1024 && destinationPort >= 1024) return false;
  return destinationPort < 32_768 || destinationPort > 60_999;
}

function probeOf({ header, atEpochMs }: Sight): Probe {
  const isTcp = header.transport === "tcp";
  return {
    source: header.source,
    destination: header.destination,
    transport: isTcp ? "tcp" : "udp",
    port: header.destinationPort,
    sourcePort: header.sourcePort,
    kind: isTcp ? kindOfTcpFlags(header.tcpFlags) : "udp",
    tcpFlags: header.tcpFlags,
    evidence: "claimed",
    sensor: "capture-file",
    startedHold: false,
    hasIpOptions: header.hasIpOptions,
    isFragment: header.isFragment,
    header,
    seenAtMs: atEpochMs,
  };
}

export const VEDETTE: EngineEntry = {
  name: "Vedette",
  rule: "the default configuration",
  make: (onConviction) => new Vedette(onConviction, false),
};

export const VEDETTE_STRICT: EngineEntry = {
  name: "Vedette strict",
  rule: 'the default configuration with STRICT="1"',
  make: (onConviction) => new Vedette(onConviction, true),
};
