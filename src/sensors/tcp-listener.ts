/**
 * Real listeners on ports that nothing else serves: whoever completes the handshake is proven.
 *
 * Needs no nftables and no privilege once the socket is open. A connection is closed as soon as it
 * is accepted, so that a sender can keep neither memory nor file descriptors; the kernel's backlog
 * bounds what it can pile up.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Probe } from "../model/probe.ts";
import { wordsOf } from "../net/address-words.ts";
import { parseIpAddress } from "../net/ip-address.ts";
import type { Sensor, SensorCounts } from "./sensor.ts";

/** An inherited listening socket and its port. */
export interface ListeningSocket {
  readonly fd: number;
  readonly port: number;
}

export class TcpListenerSensor implements Sensor {
  readonly name = "tcp-listener";
  readonly #sockets: readonly ListeningSocket[];
  readonly #monotonicMs: () => number;
  readonly #servers: Server[] = [];
  #probes = 0;
  #malformed = 0;

  constructor(sockets: readonly ListeningSocket[], monotonicMs: () => number) {
    this.#sockets = sockets;
    this.#monotonicMs = monotonicMs;
  }

  start(onProbe: (probe: Probe) => void): void {
    for (const { fd, port } of this.#sockets) {
      const server = createServer({ pauseOnConnect: true }, (connection) =>
        this.#accept(connection, port, onProbe),
      );
      // A failed accept (out of descriptors) is counted; the listener stays.
      server.on("error", () => this.#malformed++);
      server.listen({ fd });
      this.#servers.push(server);
    }
  }

  counts(): SensorCounts {
    return { probes: this.#probes, lost: 0, malformed: this.#malformed };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#servers.splice(0).map((server) => new Promise((done) => server.close(done))),
    );
  }

  #accept(connection: Socket, port: number, onProbe: (probe: Probe) => void): void {
    const source = parseIpAddress(connection.remoteAddress ?? "");
    const destination = parseIpAddress(connection.localAddress ?? "");
    const sourcePort = connection.remotePort ?? 0;
    connection.on("error", () => connection.destroy());
    connection.destroy();
    // A peer that reset before we accepted has no address any more.
    if (source === undefined || destination === undefined) {
      this.#malformed++;
      return;
    }
    this.#probes++;
    onProbe({
      source: wordsOf(source),
      destination: wordsOf(destination),
      transport: "tcp",
      port,
      sourcePort,
      kind: "tcp-connect",
      tcpFlags: 0,
      evidence: "proven",
      sensor: "tcp-listener",
      startedHold: false,
      hasIpOptions: false,
      isFragment: false,
      seenAtMs: this.#monotonicMs(),
    });
  }
}
