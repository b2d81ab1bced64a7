/**
 * Puts many addresses into a hash set of our table by netlink, some thousands a transaction.
 *
 * A million take 0.8 s of CPU in 300 calls of some milliseconds, between which others have their
 * turn. libnftables takes the same time as text, three times the memory, and blocks for as long.
 * Needs CAP_NET_ADMIN.
 *
 * Source: linux/netfilter/nf_tables.h, enum nft_set_elem_attributes.
 */
import { close } from "./libc.ts";
import { ATTRIBUTE_HEADER_BYTES } from "./netlink.ts";
import { openNetlink, type RequestOutcome, requestChange } from "./netlink-socket.ts";
import * as spec from "./spec.ts";
import { TABLE_NAME } from "./table-sets.ts";

const NLA_F_NESTED = 0x8000;

/** Length and type of a time-out, and its 64 bits. */
const TIMEOUT_BYTES = ATTRIBUTE_HEADER_BYTES + 8;

/** Length and type of three attributes: the element, its key, the key's value. */
const ELEMENT_HEADER_BYTES = 3 * ATTRIBUTE_HEADER_BYTES;

/** Elements of one {@link ElementWriter.add}: the length of an attribute has 16 bits. */
export const ELEMENTS_AT_ONCE = 2000;

/** The same where each has a time-out. */
export const TIMED_ELEMENTS_AT_ONCE = 1600;

export class ElementWriter {
  readonly #fd = openNetlink(spec.NETLINK_NETFILTER);
  /** For the elements of every call in turn: of a million they are some 50 MB. */
  #bytes = Buffer.alloc(0);

  /**
   * Adds addresses to a hash set, in one transaction; one that is in already stays.
   * @param words 1 (IPv4) or 4 words an address, at most {@link ELEMENTS_AT_ONCE} addresses.
   * @param timeoutsMs how long each stays, null: for good; without it all are for good. At most
   *   {@link TIMED_ELEMENTS_AT_ONCE} addresses then, in a set that has time-outs.
   */
  add(
    set: string,
    words: Uint32Array,
    wordsEach: 1 | 4,
    timeoutsMs?: readonly (number | null)[],
  ): RequestOutcome {
    const most = timeoutsMs === undefined ? ELEMENTS_AT_ONCE : TIMED_ELEMENTS_AT_ONCE;
    if (words.length > most * wordsEach) throw new RangeError("too many elements");
    return requestChange(this.#fd, {
      type: (spec.NFNL_SUBSYS_NFTABLES << 8) | spec.NFT_MSG_NEWSETELEM,
      flags: spec.NLM_F_CREATE | spec.NLM_F_ACK,
      body: Uint8Array.of(spec.NFPROTO_INET, 0, 0, 0),
      attributes: [
        { type: spec.NFTA_SET_ELEM_LIST_TABLE, value: Buffer.from(`${TABLE_NAME}\0`) },
        { type: spec.NFTA_SET_ELEM_LIST_SET, value: Buffer.from(`${set}\0`) },
        {
          type: spec.NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED,
          value: this.#encode(words, wordsEach, timeoutsMs),
        },
      ],
    });
  }

  /** Lets the socket go; nothing may be added any more. Called once. */
  close(): void {
    close(this.#fd);
  }

  /** Each an attribute of its key, whose value is the address, and of its time-out, if any. */
  #encode(
    words: Uint32Array,
    wordsEach: 1 | 4,
    timeoutsMs: readonly (number | null)[] = [],
  ): Buffer {
    const valueBytes = wordsEach * 4;
    const elementBytes = ELEMENT_HEADER_BYTES + valueBytes;
    const timed = timeoutsMs.reduce<number>((sum, each) => sum + (each === null ? 0 : 1), 0);
    const elements = words.length / wordsEach;
    const length = elements * elementBytes + timed * TIMEOUT_BYTES;
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafe(length);
    const bytes = this.#bytes.subarray(0, length);
    for (let element = 0, at = 0; element < elements; element += 1) {
      const timeoutMs = timeoutsMs[element] ?? null;
      bytes.writeUInt16LE(elementBytes + (timeoutMs === null ? 0 : TIMEOUT_BYTES), at);
      bytes.writeUInt16LE(spec.NFTA_LIST_ELEM | NLA_F_NESTED, at + 2);
      bytes.writeUInt16LE(elementBytes - ATTRIBUTE_HEADER_BYTES, at + 4);
      bytes.writeUInt16LE(spec.NFTA_SET_ELEM_KEY | NLA_F_NESTED, at + 6);
      bytes.writeUInt16LE(ATTRIBUTE_HEADER_BYTES + valueBytes, at + 8);
      bytes.writeUInt16LE(spec.NFTA_DATA_VALUE, at + 10);
      for (let index = 0; index < wordsEach; index += 1) {
        const word = words[element * wordsEach + index] as number;
        bytes.writeUInt32BE(word, at + ELEMENT_HEADER_BYTES + index * 4);
      }
      at += elementBytes;
      if (timeoutMs === null) continue;
      bytes.writeUInt16LE(TIMEOUT_BYTES, at);
      bytes.writeUInt16LE(spec.NFTA_SET_ELEM_TIMEOUT, at + 2);
      bytes.writeUInt32BE(Math.floor(timeoutMs / 2 ** 32), at + 4);
      bytes.writeUInt32BE(timeoutMs % 2 ** 32, at + 8);
      at += TIMEOUT_BYTES;
    }
    return bytes;
  }
}
