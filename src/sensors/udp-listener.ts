/**
 * Bound UDP sockets on ports that nothing else serves. A datagram proves nothing about its sender.
 *
 * Nothing is ever answered, so that a forged sender cannot use us against somebody else; the
 * kernel's receive buffer bounds what waits.
 */
import { createSocket, type Socket } from "node:dgram";
import type { Probe } from "../model/probe.ts";
import { wordsOf } from "../net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../net/ip-address.ts";
import type { Sensor, SensorCounts } from "./sensor.ts";
import type { ListeningSocket } from "./tcp-listener.ts";

/** A bound socket does not tell to which of our addresses a datagram came. */
const UNKNOWN_DESTINATION = wordsOf("::" as IpAddress);

export class UdpListenerSensor implements Sensor {
  readonly name = "udp-listener";
  readonly #sockets: readonly ListeningSocket[];
  readonly #monotonicMs: () => number;
  readonly #open: Socket[] = [];
  #probes = 0;
  #malformed = 0;

  constructor(sockets: readonly ListeningSocket[], monotonicMs: () => number) {
    this.#sockets = sockets;
    this.#monotonicMs = monotonicMs;
  }

  start(onProbe: (probe: Probe) => void): void {
    for (const { fd, port } of this.#sockets) {
      const socket = createSocket({ type: "udp6" });
      socket.on("error", () => this.#malformed++);
      socket.on("message", (_datagram, from) => {
        const source = parseIpAddress(from.address.replace(/%.*$/, ""));
        if (source === undefined) {
          this.#malformed++;
          return;
        }
        this.#probes++;
        onProbe({
          source: wordsOf(source),
          destination: UNKNOWN_DESTINATION,
          transport: "udp",
          port,
          sourcePort: from.port,
          kind: "udp",
          tcpFlags: 0,
          evidence: "claimed",
          sensor: "udp-listener",
          startedHold: false,
          hasIpOptions: false,
          isFragment: false,
          header: undefined,
          seenAtMs: this.#monotonicMs(),
        });
      });
      socket.bind({ fd });
      this.#open.push(socket);
    }
  }

  counts(): SensorCounts {
    return { probes: this.#probes, lost: 0, malformed: this.#malformed };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#open.splice(0).map((socket) => new Promise<void>((done) => socket.close(done))),
    );
  }
}
