/**
 * Real listeners on ports that nothing else serves: whoever completes the handshake is proven.
 *
 * Needs no nftables and no privilege once the sockets are open. Nothing is kept of a connection,
 * which is closed as soon as it is seen, or has got its banner.
 */
import { Accepter } from "../kernel/accepter.ts";
import type { Probe } from "../model/probe.ts";
import type { Sensor, SensorCounts } from "./sensor.ts";

/** An inherited listening socket and its port. */
export interface ListeningSocket {
  readonly fd: number;
  readonly port: number;
}

export class TcpListenerSensor implements Sensor {
  readonly name = "tcp-listener";
  readonly #accepter: Accepter;
  #onProbe: (probe: Probe) => void = () => {};
  #probes = 0;

  /** @param banner what whoever connects gets, without a line end that it does not have. */
  constructor(
    sockets: readonly ListeningSocket[],
    monotonicMs: () => number,
    banner?: string | undefined,
  ) {
    this.#accepter = new Accepter(
      sockets.map(({ fd }) => fd),
      ({ index, source, sourcePort, destination }) => {
        this.#probes++;
        this.#onProbe({
          source,
          destination,
          transport: "tcp",
          port: sockets[index]?.port ?? 0,
          sourcePort,
          kind: "tcp-connect",
          tcpFlags: 0,
          evidence: "proven",
          sensor: "tcp-listener",
          startedHold: false,
          hasIpOptions: false,
          isFragment: false,
          header: undefined,
          seenAtMs: monotonicMs(),
        });
      },
      banner === undefined ? undefined : Buffer.from(banner),
    );
  }

  start(onProbe: (probe: Probe) => void): void {
    this.#onProbe = onProbe;
    this.#accepter.start();
  }

  counts(): SensorCounts {
    return { probes: this.#probes, lost: this.#accepter.failures, malformed: 0 };
  }

  async stop(): Promise<void> {
    await this.#accepter.stop();
  }
}
