/**
 * So many lines in each second, and a count of those that were left out.
 *
 * A sender decides how much there is to tell. Asked before a line is made, and allocates nothing.
 */
export class Ration {
  readonly #aSecond: number;
  #second = Number.NEGATIVE_INFINITY;
  #used = 0;
  #skipped = 0;

  /** @param aSecond lines that pass in each second. Integer, 0 or more. */
  constructor(aSecond: number) {
    this.#aSecond = aSecond;
  }

  /** Counts one line. `nowMs`: monotonic. @returns whether it may be told. */
  takes(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#used = 0;
    }
    if (this.#used < this.#aSecond) {
      this.#used += 1;
      return true;
    }
    this.#skipped += 1;
    return false;
  }

  /** Counts one line as left out for another reason than its number. */
  skip(): void {
    this.#skipped += 1;
  }

  /** @returns how many lines were left out since this was last asked. */
  takeSkipped(): number {
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped;
  }
}
