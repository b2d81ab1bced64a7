/**
 * How many bans stand, near enough: never fewer than there are, in little memory.
 *
 * A million bans must not be a million entries here, so bans are counted by the minute or hour in
 * which they run out, rounded up. A ban that was renewed counts twice and an unban does not count.
 * That is too many and harmless: the tally bounds what may be restored after the table was lost,
 * and each unit of it was once allowed as a ban.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export class BanTally {
  /** Bans by the end of the minute or hour in which they run out, monotonic milliseconds. */
  readonly #endings = new Map<number, number>();

  /** Counts one ban; null: for good. */
  add(timeoutMs: number | null, nowMs: number): void {
    const widthMs = timeoutMs !== null && timeoutMs < HOUR_MS ? MINUTE_MS : HOUR_MS;
    const endsAtMs =
      timeoutMs === null
        ? Number.POSITIVE_INFINITY
        : Math.ceil((nowMs + timeoutMs) / widthMs) * widthMs;
    this.#endings.set(endsAtMs, (this.#endings.get(endsAtMs) ?? 0) + 1);
  }

  /** @returns how many stand at `nowMs`, at most. */
  standing(nowMs: number): number {
    let total = 0;
    for (const [endsAtMs, bans] of this.#endings) {
      if (endsAtMs <= nowMs) this.#endings.delete(endsAtMs);
      else total += bans;
    }
    return total;
  }

  clear(): void {
    this.#endings.clear();
  }
}
