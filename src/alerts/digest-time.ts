/**
 * Once a day, at a minute of it: also where that minute was slept through, is missing on the day
 * when clocks are set forward, or comes twice on the day when they are set back.
 */

const DAY_MS = 86_400_000;

export class DigestTime {
  readonly #minute: number;
  /** When the last one was due, epoch ms: what was due before that has been told, or is too old. */
  #toldEpochMs: number;

  /** @param minute since midnight, in the machine's time zone. What was due before now is not told. */
  constructor(minute: number, nowEpochMs: number) {
    this.#minute = minute;
    this.#toldEpochMs = lastDue(minute, nowEpochMs);
  }

  /** @returns whether one is to be told now; not again until the next is due. */
  take(nowEpochMs: number): boolean {
    const dueEpochMs = lastDue(this.#minute, nowEpochMs);
    // A clock that was set back by days would keep it silent for as long.
    if (this.#toldEpochMs - dueEpochMs > DAY_MS * 2) this.#toldEpochMs = dueEpochMs;
    if (dueEpochMs <= this.#toldEpochMs) return false;
    this.#toldEpochMs = dueEpochMs;
    return true;
  }
}

/** The last time (epoch ms), now included, at which this minute of a day began. */
function lastDue(minute: number, nowEpochMs: number): number {
  const due = new Date(nowEpochMs);
  due.setHours(0, minute, 0, 0);
  if (due.getTime() <= nowEpochMs) return due.getTime();
  // From the date, since a day is not always as long as the last.
  due.setDate(due.getDate() - 1);
  due.setHours(0, minute, 0, 0);
  return due.getTime();
}
