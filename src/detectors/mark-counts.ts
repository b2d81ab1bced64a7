/** For each slot of a table 256 marks that are set or not, and how many of them are; fixed memory. */

const MARK_WORDS = 256 / 32;

export class MarkCounts {
  readonly #bits: Uint32Array;
  readonly #counts: Uint16Array;

  /** @param slots of the table beside which this stands. */
  constructor(slots: number) {
    this.#bits = new Uint32Array(slots * MARK_WORDS);
    this.#counts = new Uint16Array(slots);
  }

  /** Takes every mark of the slot away. */
  begin(slot: number): void {
    this.#bits.fill(0, slot * MARK_WORDS, (slot + 1) * MARK_WORDS);
    this.#counts[slot] = 0;
  }

  /** How many marks are set: 0 to 256. */
  count(slot: number): number {
    return this.#counts[slot] as number;
  }

  /** @param mark 0 to 255. @returns whether that changed anything. */
  put(slot: number, mark: number, isSet: boolean): boolean {
    const at = slot * MARK_WORDS + (mark >>> 5);
    const bit = 1 << (mark & 31);
    const before = this.#bits[at] as number;
    if (((before & bit) !== 0) === isSet) return false;
    this.#bits[at] = before ^ bit;
    this.#counts[slot] = (this.#counts[slot] as number) + (isSet ? 1 : -1);
    return true;
  }
}
