/**
 * Remembers what was told of each campaign, when, and whether people were told: one slot a campaign,
 * as in the source table beside which this stands.
 *
 * Machines are told every change of a campaign that was opened, and its growth once in
 * {@link UPDATE_MS}. People are told its conviction and its end. Where one machine sends under
 * several addresses, people are told the conviction of each address that may be the real one,
 * because nobody knows which it is, and one end for all of them. Memory is fixed, 9 bytes a slot.
 */

/** The shortest pause between two tellings of one campaign's growth. Milliseconds. */
const UPDATE_MS = 60_000;

/** Bit of a campaign's state: it was opened. */
const OPENED = 1;
/** It has grown since it was last told of. */
const GROWN = 2;
/** People were told of its conviction, or would have been. */
const SAID = 4;
/** People are told of its end. */
const STORY = 8;

export class CampaignTelling {
  readonly #states: Uint8Array;
  /** When a change was last told; valid iff one was. */
  readonly #toldAtMs: Float64Array;

  /** @param capacity slots of the table beside which this stands. */
  constructor(capacity: number) {
    this.#states = new Uint8Array(capacity);
    this.#toldAtMs = new Float64Array(capacity);
  }

  /** The slot is another campaign's from now on. */
  begin(slot: number): void {
    this.#states[slot] = 0;
  }

  /** @returns whether it was not open before. */
  open(slot: number): boolean {
    if (this.isOpen(slot)) return false;
    this.#set(slot, OPENED);
    return true;
  }

  isOpen(slot: number): boolean {
    return this.#has(slot, OPENED);
  }

  /** There is something to tell. */
  grow(slot: number): void {
    this.#set(slot, GROWN);
  }

  /** Everything so far was told. */
  tell(slot: number, atMs: number): void {
    this.#clear(slot, GROWN);
    this.#toldAtMs[slot] = atMs;
  }

  /** Whether its growth is to be told now. */
  isDue(slot: number, nowMs: number): boolean {
    const hasGrown = this.#has(slot, OPENED) && this.#has(slot, GROWN);
    return hasGrown && nowMs - (this.#toldAtMs[slot] as number) >= UPDATE_MS;
  }

  /** Whether people are told of what becomes of this source. */
  isSaid(slot: number): boolean {
    return this.#has(slot, SAID);
  }

  /** Whether people are told its story. */
  hasStory(slot: number): boolean {
    return this.#has(slot, STORY);
  }

  /**
   * People are told the story of one source of a machine, and then of another with stronger
   * evidence in its place.
   * @param beside the sources of the same machine; itself may be among them. @param evidenceOf a
   * rank; 0 is a mere claim.
   * @returns whether people are to be told of its conviction now.
   */
  takeStory(
    slot: number,
    beside: readonly number[],
    evidenceOf: (slot: number) => number,
  ): boolean {
    if (this.hasStory(slot)) return false;
    const teller = beside.find((other) => this.hasStory(other));
    const evidence = evidenceOf(slot);
    if (teller === undefined || evidence > evidenceOf(teller)) {
      if (teller !== undefined) this.#clear(teller, SAID | STORY);
      this.#set(slot, SAID | STORY);
      return true;
    }
    if (this.isSaid(slot) || evidence === 0 || evidence < evidenceOf(teller)) return false;
    this.#set(slot, SAID);
    return true;
  }

  #has(slot: number, bit: number): boolean {
    return ((this.#states[slot] as number) & bit) !== 0;
  }

  #set(slot: number, bit: number): void {
    this.#states[slot] = (this.#states[slot] as number) | bit;
  }

  #clear(slot: number, bit: number): void {
    this.#states[slot] = (this.#states[slot] as number) & ~bit;
  }
}
