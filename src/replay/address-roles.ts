/**
 * Which addresses of a capture are ours, when nobody says it: those that others turn to.
 *
 * Each address is counted as asked (a SYN or a packet that no stack sends came to it, or it
 * answered one) and as asking (it sent one). An address that is in nearly every conversation and is
 * asked at least once is the machine on which the capture was made, and then it alone is ours, or a
 * server that asks much itself would be taken for somebody else. Otherwise ours are all that are
 * asked more often than they ask.
 *
 * It is a guess, and the output says what was guessed: a capture of a scanner's own machine shows
 * its targets as ours, which is right for asking who scans, and one of a busy gateway may need
 * `--ours`. Memory is bounded: addresses beyond {@link MAX_ADDRESSES} are not counted, and that is
 * told.
 */
import type { AddressWords } from "../net/address-words.ts";
import { grown, KeyTable, NOWHERE } from "./key-table.ts";

/** Addresses that are counted. */
const MAX_ADDRESSES = 131_072;

/** Share of all conversations from which on an address is in nearly every one. */
const NEARLY_ALL = 0.98;

/** How many others must have turned to an address, or been asked by it, beside one another. */
const PEERS_OF_A_HUB = 2;

export class AddressRoles {
  readonly #table = new KeyTable(MAX_ADDRESSES);
  #asked = new Float64Array(0);
  #asking = new Float64Array(0);
  #conversations = 0;
  #uncounted = 0;

  /** Conversations of which an end was not counted, for want of room. */
  get uncounted(): number {
    return this.#uncounted;
  }

  /** `asking` has begun a conversation with `asked`. */
  observe(asking: AddressWords, asked: AddressWords): void {
    this.#conversations += 1;
    const askedSlot = this.#slotOf(asked);
    const askingSlot = this.#slotOf(asking);
    if (askedSlot === NOWHERE || askingSlot === NOWHERE) this.#uncounted += 1;
    if (askedSlot !== NOWHERE) this.#asked[askedSlot] = (this.#asked[askedSlot] as number) + 1;
    if (askingSlot !== NOWHERE) this.#asking[askingSlot] = (this.#asking[askingSlot] as number) + 1;
  }

  /** @returns the addresses that are ours, by the rule of the file comment. */
  own(): AddressWords[] {
    const hub = this.#hub();
    if (hub !== undefined) return [hub];
    const own: AddressWords[] = [];
    this.#table.each((slot) => {
      if ((this.#asked[slot] as number) > (this.#asking[slot] as number)) {
        own.push(this.#table.wordsAt(slot));
      }
    });
    return own;
  }

  #hub(): AddressWords | undefined {
    if (this.#table.size <= PEERS_OF_A_HUB) return undefined;
    let hub: AddressWords | undefined;
    this.#table.each((slot) => {
      const asked = this.#asked[slot] as number;
      const asking = this.#asking[slot] as number;
      if (asked > 0 && asked + asking >= NEARLY_ALL * this.#conversations) {
        hub = this.#table.wordsAt(slot);
      }
    });
    return hub;
  }

  #slotOf(address: AddressWords): number {
    const known = this.#table.find(address, 0);
    if (known !== NOWHERE) return known;
    const slot = this.#table.insert(address, 0);
    if (slot !== NOWHERE && this.#asked.length < this.#table.slots) {
      this.#asked = grown(this.#asked, this.#table.slots);
      this.#asking = grown(this.#asking, this.#table.slots);
    }
    return slot;
  }
}
