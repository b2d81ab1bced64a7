/**
 * Whether a member's record was heard before, in whatever order records come.
 *
 * The bit map of RFC 6479: of each member the highest sequence number, and which of the 1,024 below
 * it were taken. Older ones are refused unseen. A ring of one word more than the window needs lets
 * the window move by clearing words instead of shifting bits.
 *
 * Only what is verified may be taken, or anybody would move the window on. Who has a member's key
 * can take the highest number there is: then nothing more is accepted of that member until it has
 * another key, which is what should be done. The numbers of the new key begin anew: call
 * {@link SequenceWindows.forget}. A server that sends one message twice (the same place in its
 * stream) is no replay; whoever reads the stream passes over that before it asks here.
 */
import { MAX_MEMBERS } from "./record.ts";

/** Numbers below the highest that are still told apart. */
export const WINDOW = 1024;

const WORD_BITS = 32;
const WORDS = WINDOW / WORD_BITS + 1;

/** Bytes of one member's state: the highest number, then the ring, all little-endian. */
export const SEQUENCE_STATE_BYTES = 8 + WORDS * 4;

/**
 * `replayed`: taken before. `too-old`: more than {@link WINDOW} below the highest, so that it cannot
 * be told. `too-many-members`: the member is not among the first {@link MAX_MEMBERS}.
 */
export type SequenceVerdict = "taken" | "replayed" | "too-old" | "too-many-members";

interface Window {
  highest: number;
  readonly taken: Uint32Array;
}

/** Of all members; 140 bytes each, and what a Map takes. */
export class SequenceWindows {
  readonly #windows = new Map<string, Window>();

  /** Members of which something is known; at most {@link MAX_MEMBERS}. */
  get size(): number {
    return this.#windows.size;
  }

  /** Takes a number, once. @param sequence of a verified record: an integer, 1 or more. */
  take(member: string, sequence: number): SequenceVerdict {
    const window = this.#windows.get(member) ?? this.#begun(member, sequence);
    if (window === undefined) return "too-many-members";
    if (window.highest - sequence > WINDOW) return "too-old";
    if (sequence > window.highest) advance(window, sequence);
    const place = placeOf(sequence);
    const bit = 1 << (sequence % WORD_BITS);
    const word = window.taken[place] as number;
    if ((word & bit) !== 0) return "replayed";
    window.taken[place] = word | bit;
    return "taken";
  }

  /** Begins anew for the member: it has another key, by which no older record verifies. */
  forget(member: string): void {
    this.#windows.delete(member);
  }

  /** @returns what is to be kept of the member; undefined when nothing is known of it. */
  stateOf(member: string): Uint8Array | undefined {
    const window = this.#windows.get(member);
    if (window === undefined) return undefined;
    const state = Buffer.alloc(SEQUENCE_STATE_BYTES);
    state.writeBigUInt64LE(BigInt(window.highest));
    window.taken.forEach((word, index) => {
      state.writeUInt32LE(word, 8 + index * 4);
    });
    return state;
  }

  /**
   * Goes on from what {@link stateOf} returned. @returns whether it did: false for bytes that it did
   * not write, and for a member too many; then nothing has changed.
   */
  restore(member: string, state: Uint8Array): boolean {
    if (state.length !== SEQUENCE_STATE_BYTES) return false;
    const bytes = Buffer.from(state);
    const highest = bytes.readBigUInt64LE();
    if (highest < 1n || highest > BigInt(Number.MAX_SAFE_INTEGER)) return false;
    if (!this.#hasRoomFor(member)) return false;
    const taken = Uint32Array.from({ length: WORDS }, (_, word) =>
      bytes.readUInt32LE(8 + word * 4),
    );
    this.#windows.set(member, { highest: Number(highest), taken });
    return true;
  }

  #begun(member: string, sequence: number): Window | undefined {
    if (!this.#hasRoomFor(member)) return undefined;
    const window = { highest: sequence, taken: new Uint32Array(WORDS) };
    this.#windows.set(member, window);
    return window;
  }

  #hasRoomFor(member: string): boolean {
    return this.#windows.has(member) || this.#windows.size < MAX_MEMBERS;
  }
}

/** Not by shifts, which end at 32 bits: numbers are microseconds. */
function placeOf(sequence: number): number {
  return Math.floor(sequence / WORD_BITS) % WORDS;
}

function advance(window: Window, sequence: number): void {
  const steps = Math.floor(sequence / WORD_BITS) - Math.floor(window.highest / WORD_BITS);
  for (let step = 0; step < Math.min(steps, WORDS); step += 1) {
    window.taken[placeOf(sequence - step * WORD_BITS)] = 0;
  }
  window.highest = sequence;
}
