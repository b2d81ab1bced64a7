/**
 * Forged SYNs, until it is stopped: from ever other senders, and in the name of the trusted host.
 */
import { forge } from "../support/forge.ts";
import type { Scene } from "./scene.ts";

const PER_SECOND = 5000;
/** Senders of one round: it lasts two seconds, which is how long {@link Flood.stop} may wait. */
const SENDERS = 10_000;

export class Flood implements AsyncDisposable {
  #isStopped = false;
  #rounds = 0;
  readonly #sending: Promise<void>;

  constructor(scene: Scene) {
    this.#sending = this.#send(scene);
    // A lab that is taken down in the middle ends the senders; whoever plays in it learns that.
    this.#sending.catch(() => undefined);
  }

  /** Packets that were sent so far, about. */
  get packets(): number {
    return this.#rounds * SENDERS;
  }

  /** Ends it with its round. @throws {Error} when it could not be sent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#sending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    await this.#sending.catch(() => undefined);
  }

  async #send({ network }: Scene): Promise<void> {
    const { forger, trusted } = network.hosts;
    const to = network.target.ipv4;
    const ports = [1001, 1002, 1003, 1004, 1005, 1006];
    for (; !this.#isStopped; this.#rounds += 1) {
      const from = `10.${this.#rounds % 250}.0.1`;
      await Promise.all([
        forge(forger.namespace, {
          from,
          sources: SENDERS,
          to,
          ports: [1001],
          perSecond: PER_SECOND,
        }),
        forge(forger.namespace, { from: trusted.ipv4, to, ports, repeats: 20, perSecond: 100 }),
      ]);
    }
  }
}
