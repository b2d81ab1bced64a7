/**
 * Keeps what is told of one source in its order, though some of it has to wait.
 *
 * A line waits for the source's name, or for what becomes of a ban; lines of other sources pass it.
 * What waits is kept in memory, so whoever adds for a probe asks {@link Turns.hasRoom} first:
 * beyond {@link MAX_WAITING} a flood is left out and counted, not kept.
 */

/** Turns that may wait at once before probes are told no more. */
export const MAX_WAITING = 1000;

export class Turns {
  /** The last turn of each key for which something waits. */
  readonly #last = new Map<string, Promise<void>>();
  #waiting = 0;

  get hasRoom(): boolean {
    return this.#waiting < MAX_WAITING;
  }

  /**
   * Calls `act` when everything that was added for `key` before has been called, and when `ready`
   * is fulfilled, which must never reject: at once where both hold already and there is no `ready`.
   */
  add<Value>(
    key: string,
    ready: Promise<Value> | undefined,
    act: (value: Value | undefined) => void,
  ): void {
    const before = this.#last.get(key);
    if (before === undefined && ready === undefined) {
      act(undefined);
      return;
    }
    this.#waiting += 1;
    const turn = Promise.all([ready, before]).then(([value]) => {
      this.#waiting -= 1;
      if (this.#last.get(key) === turn) this.#last.delete(key);
      act(value);
    });
    this.#last.set(key, turn);
  }

  /** Fulfilled when nothing that was added until now waits. */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
