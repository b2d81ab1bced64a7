/**
 * Which of the four ban sets holds a prefix, and as what element.
 *
 * Addresses stand in hash sets, whatever has another length in interval sets. In banned6 an element
 * that is the first address of a block of `ipv6PrefixBits` means the whole block, so that one
 * address with such a text must stand in bannet6. The kernel does not apply that meaning where a
 * block is many people (single6), so there a banned block stands in bannet6 too.
 */

import type { IpAddress } from "../../net/ip-address.ts";
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
  readonly first: IpAddress;
  /** Stands in an interval set, which takes no overlaps. */
  readonly isInterval: boolean;
}

/** @param isShared whether the prefix lies where every IPv6 address is a source of its own. */
export function banPlaceOf(prefix: Prefix, ipv6PrefixBits: number, isShared: boolean): BanPlace {
  const first = firstAddressOf(prefix);
  const hash = (set: BanSet): BanPlace => ({ set, text: first, first, isInterval: false });
  if (familyOfPrefix(prefix) === 4) {
    return lengthOf(prefix) === 32 ? hash("banned4") : intervalPlaceOf(prefix);
  }
  if (lengthOf(prefix) === 128) {
    const isTakenForBlock = ipv6PrefixBits < 128 && prefixStartsBlock(prefix, ipv6PrefixBits);
    return isTakenForBlock ? intervalPlaceOf(prefix) : hash("banned6");
  }
  const isBlock = lengthOf(prefix) === ipv6PrefixBits && !isShared;
  return isBlock ? hash("banned6") : intervalPlaceOf(prefix);
}

/** @returns the place of a ban that stands in an interval set, whatever its length. */
export function intervalPlaceOf(prefix: Prefix): BanPlace {
  const set = familyOfPrefix(prefix) === 4 ? "bannet4" : "bannet6";
  return { set, text: elementText(prefix), first: firstAddressOf(prefix), isInterval: true };
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
