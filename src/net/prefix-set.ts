/**
 * Prefixes with a label each, asked "which of them holds this address?".
 *
 * A binary tree over the address bits for each family, in which a run of bits without a fork is one
 * step (a Patricia tree). An answer takes at most as many steps as an address has bits, however
 * many prefixes there are, so nobody slows it down by making the set grow. It has no bound of its
 * own: memory is about 600 bytes a prefix, and whoever fills it from outside bounds it.
 */
import {
  type AddressWords,
  isIpv4Words,
  sharedBits,
  wordsOf,
  writeWords,
} from "./address-words.ts";
import type { IpAddress } from "./ip-address.ts";
import { bits128Of, familyOfPrefix, firstAddressOf, type Prefix } from "./prefix.ts";

/** The address of the question that is being answered: one at a time, some million at a start. */
const ASKED: AddressWords = new Uint32Array(4);

/** One member. */
export interface PrefixEntry<Label> {
  readonly prefix: Prefix;
  /** Why it is in the set, as its owner said. */
  readonly label: Label;
}

interface Branch<Label> {
  /** An address below this branch; only its first `bits128` bits count. */
  readonly words: AddressWords;
  readonly bits128: number;
  /** undefined only where the tree forks: then there are two children. */
  entry: PrefixEntry<Label> | undefined;
  /** What follows with a 0 and with a 1 as the next bit. */
  readonly children: [Branch<Label> | undefined, Branch<Label> | undefined];
}

/** A set of prefixes; see the file comment for its cost. */
export class PrefixSet<Label> implements Iterable<PrefixEntry<Label>> {
  // Two trees, because ::/0 must not be found above an IPv4 address.
  #ipv4: Branch<Label> | undefined;
  #ipv6: Branch<Label> | undefined;
  #size = 0;

  /** Prefixes in the set. */
  get size(): number {
    return this.#size;
  }

  /** Puts `prefix` in; a prefix that is in already gets the new label. */
  add(prefix: Prefix, label: Label): void {
    const leaf: Branch<Label> = {
      words: wordsOf(firstAddressOf(prefix)),
      bits128: bits128Of(prefix),
      entry: { prefix, label },
      children: [undefined, undefined],
    };
    if (familyOfPrefix(prefix) === 4) this.#ipv4 = this.#inserted(this.#ipv4, leaf);
    else this.#ipv6 = this.#inserted(this.#ipv6, leaf);
  }

  /** @returns whether exactly this prefix was in; blocks around and inside it stay. */
  delete(prefix: Prefix): boolean {
    const sizeBefore = this.#size;
    const words = wordsOf(firstAddressOf(prefix));
    const bits128 = bits128Of(prefix);
    if (familyOfPrefix(prefix) === 4) this.#ipv4 = this.#without(this.#ipv4, words, bits128);
    else this.#ipv6 = this.#without(this.#ipv6, words, bits128);
    return this.#size < sizeBefore;
  }

  /** @returns the longest member that holds `address`; undefined when none does. */
  covering(address: IpAddress): PrefixEntry<Label> | undefined {
    return this.coveringWords(wordsOf(address));
  }

  /** As {@link covering}, for an address in words. Allocates nothing. */
  coveringWords(words: AddressWords): PrefixEntry<Label> | undefined {
    let branch = isIpv4Words(words) ? this.#ipv4 : this.#ipv6;
    let longest: PrefixEntry<Label> | undefined;
    while (branch !== undefined && holds(branch, words)) {
      longest = branch.entry ?? longest;
      branch = branch.children[bitAt(words, branch.bits128)];
    }
    return longest;
  }

  /**
   * @returns a member that has an address in common with `prefix`: the longest that holds all of
   * it, else one that lies inside it; undefined when there is neither.
   */
  overlapping(prefix: Prefix): PrefixEntry<Label> | undefined {
    const words = ASKED;
    writeWords(firstAddressOf(prefix), words);
    const bits128 = bits128Of(prefix);
    let branch = familyOfPrefix(prefix) === 4 ? this.#ipv4 : this.#ipv6;
    let longest: PrefixEntry<Label> | undefined;
    while (branch !== undefined && branch.bits128 <= bits128 && holds(branch, words)) {
      longest = branch.entry ?? longest;
      branch = branch.children[bitAt(words, branch.bits128)];
    }
    if (longest !== undefined || branch === undefined || branch.bits128 <= bits128) return longest;
    const isInside = sharedBits(branch.words, words, bits128) === bits128;
    return isInside ? entriesOf(branch).next().value : undefined;
  }

  /** @returns the longest member that holds all of `prefix`; undefined when none does. */
  holding(prefix: Prefix): PrefixEntry<Label> | undefined {
    const words = wordsOf(firstAddressOf(prefix));
    const bits128 = bits128Of(prefix);
    let branch = familyOfPrefix(prefix) === 4 ? this.#ipv4 : this.#ipv6;
    let longest: PrefixEntry<Label> | undefined;
    while (branch !== undefined && branch.bits128 <= bits128 && holds(branch, words)) {
      longest = branch.entry ?? longest;
      branch = branch.children[bitAt(words, branch.bits128)];
    }
    return longest;
  }

  /** Members that are a part of `prefix`, itself not, in the order of addresses. */
  *inside(prefix: Prefix): Generator<PrefixEntry<Label>, undefined> {
    const words = wordsOf(firstAddressOf(prefix));
    const bits128 = bits128Of(prefix);
    let branch = familyOfPrefix(prefix) === 4 ? this.#ipv4 : this.#ipv6;
    while (branch !== undefined && branch.bits128 <= bits128 && holds(branch, words)) {
      if (branch.bits128 === bits128) {
        for (const child of branch.children) yield* entriesOf(child);
        return;
      }
      branch = branch.children[bitAt(words, branch.bits128)];
    }
    if (branch === undefined || branch.bits128 <= bits128) return;
    if (sharedBits(branch.words, words, bits128) === bits128) yield* entriesOf(branch);
  }

  /** In the order of addresses, IPv4 first, a block before the blocks inside it. */
  *[Symbol.iterator](): Generator<PrefixEntry<Label>, undefined> {
    yield* entriesOf(this.#ipv4);
    yield* entriesOf(this.#ipv6);
  }

  /** @returns what stands in the place of `branch` once `leaf` is below it. */
  #inserted(branch: Branch<Label> | undefined, leaf: Branch<Label>): Branch<Label> {
    if (branch === undefined) {
      this.#size += 1;
      return leaf;
    }
    const limit = Math.min(branch.bits128, leaf.bits128);
    const shared = sharedBits(branch.words, leaf.words, limit);
    if (shared === branch.bits128 && shared === leaf.bits128) {
      if (branch.entry === undefined) this.#size += 1;
      branch.entry = leaf.entry;
      return branch;
    }
    if (shared === branch.bits128) {
      const side = bitAt(leaf.words, shared);
      branch.children[side] = this.#inserted(branch.children[side], leaf);
      return branch;
    }
    this.#size += 1;
    if (shared === leaf.bits128) {
      leaf.children[bitAt(branch.words, shared)] = branch;
      return leaf;
    }
    const fork: Branch<Label> = {
      words: leaf.words,
      bits128: shared,
      entry: undefined,
      children: [undefined, undefined],
    };
    fork.children[bitAt(leaf.words, shared)] = leaf;
    fork.children[bitAt(branch.words, shared)] = branch;
    return fork;
  }

  /** @returns what is left of `branch`; a fork that leads only one way is taken out as well. */
  #without(
    branch: Branch<Label> | undefined,
    words: AddressWords,
    bits128: number,
  ): Branch<Label> | undefined {
    if (branch === undefined || branch.bits128 > bits128 || !holds(branch, words)) return branch;
    if (branch.bits128 < bits128) {
      const side = bitAt(words, branch.bits128);
      branch.children[side] = this.#without(branch.children[side], words, bits128);
    } else if (branch.entry !== undefined) {
      branch.entry = undefined;
      this.#size -= 1;
    }
    const [zero, one] = branch.children;
    if (branch.entry !== undefined || (zero !== undefined && one !== undefined)) return branch;
    return zero ?? one;
  }
}

function holds(branch: Branch<unknown>, words: AddressWords): boolean {
  return sharedBits(branch.words, words, branch.bits128) === branch.bits128;
}

/** The bit number `index`, 0 being the most significant. Past the last bit it is 0: no child. */
function bitAt(words: AddressWords, index: number): 0 | 1 {
  const word = words[index >>> 5] ?? 0;
  return ((word >>> (31 - (index & 31))) & 1) === 0 ? 0 : 1;
}

function* entriesOf<Label>(
  branch: Branch<Label> | undefined,
): Generator<PrefixEntry<Label>, undefined> {
  if (branch === undefined) return;
  if (branch.entry !== undefined) yield branch.entry;
  yield* entriesOf(branch.children[0]);
  yield* entriesOf(branch.children[1]);
}
