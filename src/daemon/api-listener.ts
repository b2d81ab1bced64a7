/**
 * Serves the API on TCP where API_LISTEN and a token say so, and follows both through reloads.
 *
 * The guard listens itself, so that a change touches nothing else: any means that the listener is
 * closed, with its connections and sessions, and opened anew. A port that somebody else has is
 * asked for again every {@link AGAIN_MS}: it is no reason not to guard.
 */
import { Door } from "../api/door.ts";
import type { ListenPlace } from "../api/options.ts";
import { type Api, type ServedApi, serveApi } from "../api/server.ts";
import type { Clock } from "../clock.ts";
import { isSystemError } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";

/** How long (ms) until it is tried again to listen. */
export const AGAIN_MS = 5000;

export interface ApiListenerParts {
  /** The API behind a door. */
  readonly makeApi: (door: Door) => Api;
  readonly health: Pick<HealthTracker, "raise" | "clear">;
  readonly clock: Clock;
}

/** What is to be served. */
export interface ApiListening {
  readonly place: ListenPlace;
  readonly hosts: readonly string[];
  /** SHA-256 of the token, hexadecimal. */
  readonly tokenHash: string;
  /** Of the token that reads alone; undefined: there is none. */
  readonly readTokenHash?: string | undefined;
}

export class ApiListener {
  readonly #parts: ApiListenerParts;
  #wanted: ApiListening | undefined;
  #served: ServedApi | undefined;
  #again: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: ApiListenerParts) {
    this.#parts = parts;
  }

  /**
   * Listens there from now on, or nowhere; nothing happens where nothing is different.
   * @returns when it is so, or is known not to be to have. Never rejects.
   */
  follow(wanted: ApiListening | undefined): Promise<void> {
    if (JSON.stringify(wanted) !== JSON.stringify(this.#wanted)) {
      this.#wanted = wanted;
      clearTimeout(this.#again);
      this.#turn = this.#turn.then(() => this.#change(wanted));
    }
    return this.#turn;
  }

  async #change(wanted: ApiListening | undefined): Promise<void> {
    await this.#served?.close();
    this.#served = undefined;
    this.#parts.health.clear("api-listen-failed");
    if (wanted !== undefined) await this.#open(wanted);
  }

  async #open(wanted: ApiListening): Promise<void> {
    const { makeApi, health, clock } = this.#parts;
    const { address, port } = wanted.place;
    try {
      this.#served = await serveApi(makeApi(new Door({ ...wanted, clock })), {
        host: address,
        port,
      });
      health.clear("api-listen-failed");
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const text = `The API cannot listen on ${address} port ${port} (${error.code ?? error.message}).`;
      const action = "Let API_LISTEN name a free port; it is tried again every 5 s.";
      health.raise("api-listen-failed", "warning", text, action);
      this.#again = setTimeout(() => {
        this.#turn = this.#turn.then(async () => {
          if (this.#wanted === wanted) await this.#open(wanted);
        });
      }, AGAIN_MS);
    }
  }
}
