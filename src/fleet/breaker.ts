/**
 * Shuts one member out for a while, and for twice as long when it does the same again.
 *
 * Times are the server's, so that whoever reads the same stream later comes to the same.
 */

/** The first time. Milliseconds. */
const FIRST_OPEN_MS = 600_000;

/** The longest. Milliseconds. */
const LONGEST_OPEN_MS = 86_400_000;

/** After so long without opening, counted from its end, it begins with the first time again. */
const FORGIVEN_AFTER_MS = 86_400_000;

export class Breaker {
  #openUntilEpochMs = Number.NEGATIVE_INFINITY;
  #openMs = 0;
  #openings = 0;

  /** How often it has opened. */
  get openings(): number {
    return this.#openings;
  }

  isOpen(atEpochMs: number): boolean {
    return this.openUntil(atEpochMs) !== undefined;
  }

  /** @returns when it closes; undefined while it is closed. A clock set back closes it, too. */
  openUntil(atEpochMs: number): number | undefined {
    const leftMs = this.#openUntilEpochMs - atEpochMs;
    return leftMs > 0 && leftMs <= this.#openMs ? this.#openUntilEpochMs : undefined;
  }

  open(atEpochMs: number): void {
    const isForgiven = atEpochMs - this.#openUntilEpochMs >= FORGIVEN_AFTER_MS;
    this.#openMs = isForgiven ? FIRST_OPEN_MS : Math.min(this.#openMs * 2, LONGEST_OPEN_MS);
    this.#openUntilEpochMs = atEpochMs + this.#openMs;
    this.#openings += 1;
  }
}
