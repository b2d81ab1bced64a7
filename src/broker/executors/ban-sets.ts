/**
 * Which of the four ban sets holds a prefix, and as what element.
 *
 * Addresses stand in hash sets, whatever has another length in interval sets. In banned6 an element
 * that is the first address of a block of `ipv6PrefixBits` means the whole block, so that one
 * address with such a text must stand in bannet6. The kernel does not apply that meaning where a
 * block is many people (single6), so there a banned block stands in bannet6 too.
 */
import {
  familyOfPrefix,
  firstAddressOf,
  lengthOf,
  type Prefix,
  prefixOf,
} from "../../net/prefix.ts";
import { elementText } from "./set-commands.ts";

export const BAN_SETS = ["banned4", "banned6", "bannet4", "bannet6"] as const;

type BanSet = (typeof BAN_SETS)[number];

/** Where a ban stands. */
export interface BanPlace {
  readonly set: BanSet;
  /** The element as nft text. */
  readonly text: string;
  /** The address by which the element is looked up: its first. */
  readonly firstText: string;
  /** Stands in an interval set, which takes no overlaps. */
  readonly isInterval: boolean;
}

/** @param isShared whether the prefix lies where every IPv6 address is a source of its own. */
export function banPlaceOf(prefix: Prefix, ipv6PrefixBits: number, isShared: boolean): BanPlace {
  const hash = (set: BanSet, text: string): BanPlace => {
    return { set, text, firstText: text, isInterval: false };
  };
  if (familyOfPrefix(prefix) === 4) {
    const isAddress = lengthOf(prefix) === 32;
    return isAddress ? hash("banned4", elementText(prefix)) : intervalPlaceOf(prefix);
  }
  const first = prefixOf(firstAddressOf(prefix), 128);
  if (prefix === first) {
    const isTakenForBlock = ipv6PrefixBits < 128 && prefixStartsBlock(prefix, ipv6PrefixBits);
    return isTakenForBlock ? intervalPlaceOf(prefix) : hash("banned6", elementText(prefix));
  }
  const isBlock = lengthOf(prefix) === ipv6PrefixBits && !isShared;
  return isBlock ? hash("banned6", elementText(first)) : intervalPlaceOf(prefix);
}

/** @returns the place of a ban that stands in an interval set, whatever its length. */
export function intervalPlaceOf(prefix: Prefix): BanPlace {
  const set = familyOfPrefix(prefix) === 4 ? "bannet4" : "bannet6";
  const bits = familyOfPrefix(prefix) === 4 ? 32 : 128;
  const firstText = elementText(prefixOf(firstAddressOf(prefix), bits));
  return { set, text: elementText(prefix), firstText, isInterval: true };
}

/** @returns what an element of a hash set shuts out; `address` is a /32 or /128. */
export function bannedByElement(address: Prefix, ipv6PrefixBits: number): Prefix {
  const isBlock = familyOfPrefix(address) === 6 && prefixStartsBlock(address, ipv6PrefixBits);
  return isBlock ? prefixOf(firstAddressOf(address), ipv6PrefixBits) : address;
}

function prefixStartsBlock(prefix: Prefix, bits: number): boolean {
  const first = firstAddressOf(prefix);
  return firstAddressOf(prefixOf(first, bits)) === first;
}
