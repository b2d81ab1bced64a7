/**
 * The ports of each source, in the order in which they were listed: fixed memory, 32 for each slot.
 *
 * An entry is any 32-bit number; what it says is its user's. Nothing here allocates after the
 * construction, and a sender who touches more ports than fit grows nothing. The first entries of all
 * slots stand together, then the second ones, and so on: most sources touch a few ports, and memory
 * that nobody has written to is none.
 */

/** Ports listed a source; more are counted and not listed. */
export const MAX_LISTED_PORTS = 32;

export class PortLists {
  readonly #entries: Uint32Array;
  /** Monotonic ms beside {@link #entries}; empty without times. */
  readonly #atMs: Float64Array;
  readonly #counts: Uint8Array;
  readonly #slots: number;

  /** @param slots of the table beside which this stands. @param hasTimes whether entries have one. */
  constructor(slots: number, hasTimes: boolean) {
    this.#slots = slots;
    this.#entries = new Uint32Array(slots * MAX_LISTED_PORTS);
    this.#atMs = new Float64Array(hasTimes ? slots * MAX_LISTED_PORTS : 0);
    this.#counts = new Uint8Array(slots);
  }

  /** Empties the list. */
  begin(slot: number): void {
    this.#counts[slot] = 0;
  }

  /** How many are listed: 0 to {@link MAX_LISTED_PORTS}. */
  count(slot: number): number {
    return this.#counts[slot] as number;
  }

  /** The entry as it was given to {@link list}; `index` from 0, in the order of arrival. */
  at(slot: number, index: number): number {
    return this.#entries[index * this.#slots + slot] as number;
  }

  /** When the entry was listed; undefined without times. */
  timeAt(slot: number, index: number): number | undefined {
    return this.#atMs[index * this.#slots + slot];
  }

  /** Adds an entry unless the list is full. Does not look for it first. */
  list(slot: number, entry: number, atMs = 0): void {
    const count = this.#counts[slot] as number;
    if (count === MAX_LISTED_PORTS) return;
    const at = count * this.#slots + slot;
    this.#entries[at] = entry;
    // Beyond the end of a typed array this is nothing, which is what lists without times want.
    this.#atMs[at] = atMs;
    this.#counts[slot] = count + 1;
  }

  /** Puts another entry in the place of one that is listed; its time stays. */
  relabel(slot: number, index: number, entry: number): void {
    this.#entries[index * this.#slots + slot] = entry;
  }

  /** Takes an entry out of the list; those after it move up. */
  unlist(slot: number, index: number): void {
    const count = this.#counts[slot] as number;
    const end = (count - 1) * this.#slots + slot;
    for (let at = index * this.#slots + slot; at < end; at += this.#slots) {
      this.#entries[at] = this.#entries[at + this.#slots] as number;
      // As in `list`, where there are no times.
      this.#atMs[at] = this.#atMs[at + this.#slots] as number;
    }
    this.#counts[slot] = count - 1;
  }
}
