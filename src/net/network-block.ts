/**
 * The block of addresses that counts as one network: an IPv4 /24, an IPv6 /48.
 *
 * Longer prefixes are hardly routed between networks, so that nobody outside can tell whether two
 * addresses of one block have one owner or two.
 */
import { type AddressWords, IPV4_MAPPED_BITS, isIpv4Words, maskWords } from "./address-words.ts";
import { type Prefix, prefixOfWords } from "./prefix.ts";

const IPV4_BLOCK_BITS = 24;
const IPV6_BLOCK_BITS = 48;

/** Writes the first address of the network to `into`, which may be `words`. Allocates nothing. */
export function networkBlockOf(words: AddressWords, into: AddressWords): void {
  maskWords(words, isIpv4Words(words) ? IPV4_MAPPED_BITS + IPV4_BLOCK_BITS : IPV6_BLOCK_BITS, into);
}

/** @returns the network of an address, as it is shown. */
export function networkPrefixOf(words: AddressWords): Prefix {
  return prefixOfWords(words, isIpv4Words(words) ? IPV4_BLOCK_BITS : IPV6_BLOCK_BITS);
}
