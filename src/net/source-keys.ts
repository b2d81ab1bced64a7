/**
 * Decides which addresses are one source.
 *
 * Whoever has an IPv6 subnet has 2^64 addresses and would take a fresh one for each probe, so a
 * source is a block: a /64 by default. Where one block is many people, a source is one address, or
 * one of them could get all the others banned. The kernel's rules make the same choice from the
 * same lists; where the two differ, the guard bans something else than the kernel holds.
 */
import { type AddressWords, isIpv4Words, maskWords, sharedBits, wordsOf } from "./address-words.ts";
import {
  bits128Of,
  familyOfPrefix,
  firstAddressOf,
  type Prefix,
  parsePrefix,
  prefixOfWords,
} from "./prefix.ts";

/** Blocks of IPv6 whose addresses belong to many people, wherever the machine stands. */
export const SHARED_IPV6_PREFIXES: readonly Prefix[] = [
  "fe80::/10", // Link-local, RFC 4291 section 2.5.6: everybody on the link.
  "2001::/32", // Teredo, RFC 4380 section 4: everybody behind one Teredo server is in one /64.
  "64:ff9b::/96", // NAT64, RFC 6052 section 2.1: the whole IPv4 Internet in one /96.
  "64:ff9b:1::/48", // NAT64 and SIIT for local use, RFC 8215: IPv4 again, at a place of choice.
].map(knownPrefix);

/** What the administrator chooses of it. */
export interface SourceKeysOptions {
  /** Length of the IPv6 block that is one source. Bits, integer, 48 to 128. Usual value 64. */
  readonly ipv6PrefixBits: number;
}

interface SingleBlock {
  readonly words: AddressWords;
  readonly bits128: number;
}

/** The rule for one machine. {@link SHARED_IPV6_PREFIXES} are always in force. */
export class SourceKeys {
  readonly #ipv6PrefixBits: number;
  #singleBlocks: readonly SingleBlock[] = singleBlocksOf([]);

  /** A length outside 48 to 128 is a bug (the configuration has checked it): throws RangeError. */
  constructor({ ipv6PrefixBits }: SourceKeysOptions) {
    if (!Number.isInteger(ipv6PrefixBits) || ipv6PrefixBits < 48 || ipv6PrefixBits > 128) {
      throw new RangeError(`ipv6PrefixBits is not within 48 to 128: ${ipv6PrefixBits}`);
    }
    this.#ipv6PrefixBits = ipv6PrefixBits;
  }

  /**
   * Replaces the blocks in which every address is a source of its own: the machine's on-link
   * prefixes. IPv4 among them is passed over. Each adds a step to every IPv6 packet, so it is meant
   * for tens of blocks, not thousands. May be called again whenever interfaces change.
   */
  setSingle(prefixes: Iterable<Prefix>): void {
    this.#singleBlocks = singleBlocksOf(prefixes);
  }

  /** @returns the length of the source's prefix: 32 for IPv4, ipv6PrefixBits or 128 for IPv6. */
  bitsOf(words: AddressWords): number {
    if (isIpv4Words(words)) return 32;
    const blocks = this.#singleBlocks;
    for (let index = 0; index < blocks.length; index += 1) {
      const block = blocks[index] as SingleBlock;
      if (sharedBits(words, block.words, block.bits128) === block.bits128) return 128;
    }
    return this.#ipv6PrefixBits;
  }

  /** Writes the first address of the source to `into`, which may be `words`. Allocates nothing. */
  keyOf(words: AddressWords, into: AddressWords): void {
    maskWords(words, isIpv4Words(words) ? 128 : this.bitsOf(words), into);
  }

  /** @returns the source as it is judged, banned and shown. */
  prefixOf(words: AddressWords): Prefix {
    return prefixOfWords(words, this.bitsOf(words));
  }
}

function singleBlocksOf(prefixes: Iterable<Prefix>): SingleBlock[] {
  return [...new Set([...SHARED_IPV6_PREFIXES, ...prefixes])]
    .filter((prefix) => familyOfPrefix(prefix) === 6)
    .map((prefix) => ({ words: wordsOf(firstAddressOf(prefix)), bits128: bits128Of(prefix) }));
}

function knownPrefix(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new TypeError(`not a prefix: ${text}`);
  return prefix;
}
