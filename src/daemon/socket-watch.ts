/**
 * Makes the API's socket again when somebody removes its path: whoever asks would find no guard, and
 * act behind its back.
 *
 * Asked every {@link LOOK_MS}. A directory that is gone, too, is not made: it is told, and tried
 * again. What stands in the path's place is left alone.
 */
import { lstatSync } from "node:fs";
import { OperationalError } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { EVENT_SHOWN_MS } from "./clock-changes.ts";
import type { Events } from "./events.ts";
import type { OwnedSocket } from "./guard-child.ts";

/** How often (ms) the path is looked for. */
export const LOOK_MS = 1000;

const CODE = "api-socket-lost";

export interface SocketWatchParts {
  readonly path: string;
  /** @throws {OperationalError} when it cannot be made. */
  readonly open: () => OwnedSocket;
  /** Hands it to the guard in the place of the former one. */
  readonly hand: (socket: OwnedSocket) => void;
  readonly health: Pick<HealthTracker, "raise" | "raiseFor">;
  readonly events: Pick<Events, "note">;
}

export class SocketWatch {
  readonly #parts: SocketWatchParts;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;

  constructor(parts: SocketWatchParts) {
    this.#parts = parts;
  }

  /** Looks from now on. Called once. */
  start(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** To be called before the path is removed on purpose. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { path, open, hand, health, events } = this.#parts;
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
    try {
      hand(open());
      this.#hasFailed = false;
      const text = `${path} was removed by somebody, and was made again`;
      events.note("warning", CODE, text);
      const action = "Find out what cleans that directory: commands found no guard meanwhile.";
      health.raiseFor(EVENT_SHOWN_MS, CODE, "warning", `${text}.`, action);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      const text = `${path} was removed by somebody, and commands find no guard: ${error.message}`;
      events.note("error", CODE, text);
      const action = "It is tried again each second; restart the guard if that does not help.";
      health.raise(CODE, "error", `${text}.`, action);
    }
  }
}
