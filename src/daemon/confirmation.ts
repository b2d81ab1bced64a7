/**
 * `--confirm`: what was started is taken away again unless somebody says in time that it may stay.
 *
 * Whoever has locked himself out cannot say so, and that is the point.
 */
import { systemClock } from "../clock.ts";

export class Confirmation {
  readonly #withinMs: number | undefined;
  readonly #onMissed: () => void;
  #byEpochMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param withinMs undefined: nothing has to be confirmed. */
  constructor(withinMs: number | undefined, onMissed: () => void) {
    this.#withinMs = withinMs;
    this.#onMissed = onMissed;
  }

  /** Until when it has to come; undefined when it has come, or need not. */
  get byEpochMs(): number | undefined {
    return this.#byEpochMs;
  }

  /** The time begins to run. Called once. */
  start(): void {
    if (this.#withinMs === undefined) return;
    this.#byEpochMs = systemClock.epochMs() + this.#withinMs;
    this.#timer = setTimeout(this.#onMissed, this.#withinMs);
  }

  /** @returns whether something waited for it. */
  confirm(): boolean {
    const wasAwaited = this.#byEpochMs !== undefined;
    this.stop();
    return wasAwaited;
  }

  /** Nothing is taken away any more. May be called twice. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#byEpochMs = undefined;
  }
}
