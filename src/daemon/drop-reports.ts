/**
 * Hands dropped packets on to the broker, for the lines of BLOCK_LOG, and waits for nothing.
 *
 * A broker that is busy with bans answers later; what comes meanwhile beyond
 * {@link MOST_UNANSWERED} has no line. Neither detection nor a ban ever waits for one.
 */
import type { BrokerClient } from "../broker/client.ts";
import { OperationalError } from "../errors.ts";
import type { DroppedPacket } from "../model/dropped-packet.ts";

/** Requests on their way at once; the kernel tells of ten packets a second. */
export const MOST_UNANSWERED = 100;

export class DropReports {
  readonly #broker: Pick<BrokerClient, "dropped">;
  #unanswered = 0;
  #skipped = 0;

  constructor(broker: Pick<BrokerClient, "dropped">) {
    this.#broker = broker;
  }

  /** Packets that were not handed on since the start. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Asks for a line. Never throws. */
  take(packet: DroppedPacket): void {
    if (this.#unanswered >= MOST_UNANSWERED) {
      this.#skipped += 1;
      return;
    }
    this.#unanswered += 1;
    void this.#ask(packet);
  }

  async #ask(packet: DroppedPacket): Promise<void> {
    try {
      // Its refusals and failures are counted where the file is.
      await this.#broker.dropped(packet);
    } catch (error) {
      // The broker is gone, and the guard ends with it.
      if (!(error instanceof OperationalError)) throw error;
    } finally {
      this.#unanswered -= 1;
    }
  }
}
