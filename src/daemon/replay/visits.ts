/**
 * When sources came, by the capture's own times: those that asked for real services, and where the
 * packets of a capture are out of order all of them.
 *
 * Bounded: whoever forges sources fills it, and those beyond {@link MAX_SOURCES} are not known here;
 * what they probed is told by their campaigns all the same.
 */
import type { AddressWords } from "../../net/address-words.ts";
import type { Prefix } from "../../net/prefix.ts";
import type { SourceKeys } from "../../net/source-keys.ts";
import { grown, KeyTable, NOWHERE } from "../../replay/key-table.ts";

const MAX_SOURCES = 131_072;

/** Own times of a source's packets to us, those that were answers left out. */
export interface SourceTimes {
  readonly firstAtEpochMs: number;
  readonly lastAtEpochMs: number;
}

/** A source that came. */
export interface Visit extends SourceTimes {
  readonly source: Prefix;
  /** Whether one of those packets was a probe. Known only where all of them are observed. */
  readonly hasProbed: boolean;
}

export class Visits {
  readonly #keys: SourceKeys;
  readonly #table = new KeyTable(MAX_SOURCES);
  #firstAtEpochMs = new Float64Array(0);
  #lastAtEpochMs = new Float64Array(0);
  /** By slot. */
  readonly #hasProbed = new Set<number>();
  readonly #key = new Uint32Array(4);
  /** The own time of the packet at hand, which may lie before that of an earlier one. */
  packetAtEpochMs = 0;

  constructor(keys: SourceKeys) {
    this.#keys = keys;
  }

  /** The source has sent the packet at hand. */
  observe(source: AddressWords, isProbe: boolean): void {
    const atEpochMs = this.packetAtEpochMs;
    this.#keys.keyOf(source, this.#key);
    let slot = this.#table.find(this.#key, 0);
    if (slot === NOWHERE) {
      slot = this.#table.insert(this.#key, 0);
      if (slot === NOWHERE) return;
      if (this.#firstAtEpochMs.length < this.#table.slots) {
        this.#firstAtEpochMs = grown(this.#firstAtEpochMs, this.#table.slots);
        this.#lastAtEpochMs = grown(this.#lastAtEpochMs, this.#table.slots);
      }
      this.#firstAtEpochMs[slot] = atEpochMs;
      this.#lastAtEpochMs[slot] = atEpochMs;
    }
    if (isProbe) this.#hasProbed.add(slot);
    if (atEpochMs < (this.#firstAtEpochMs[slot] as number)) this.#firstAtEpochMs[slot] = atEpochMs;
    if (atEpochMs > (this.#lastAtEpochMs[slot] as number)) this.#lastAtEpochMs[slot] = atEpochMs;
  }

  /** Every source that came. */
  *list(): Generator<Visit, undefined> {
    const slots: number[] = [];
    this.#table.each((slot) => slots.push(slot));
    for (const slot of slots) {
      yield {
        source: this.#keys.prefixOf(this.#table.wordsAt(slot)),
        firstAtEpochMs: this.#firstAtEpochMs[slot] as number,
        lastAtEpochMs: this.#lastAtEpochMs[slot] as number,
        hasProbed: this.#hasProbed.has(slot),
      };
    }
  }
}
