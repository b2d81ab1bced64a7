/**
 * Counts for each of some networks the bans in force that shut out somebody of it: those of its
 * sources, and those that are wider than it. Each ban is looked at once, whatever number there are.
 */
import { familyOfPrefix, firstAddressOf, lengthOf, type Prefix, prefixOf } from "../net/prefix.ts";
import type { Network } from "./network-runs.ts";

type Family = 4 | 6;

export class BannedNetworks {
  readonly #networks = new Map<Prefix, Network>();
  /** Lengths that networks have, and those of wider bans. */
  readonly #lengths: Record<Family, Set<number>> = { 4: new Set(), 6: new Set() };
  readonly #widerLengths: Record<Family, Set<number>> = { 4: new Set(), 6: new Set() };
  readonly #wider = new Set<Prefix>();

  /** @param networks no two of them are the same; their tallies are added to. */
  constructor(networks: readonly Network[]) {
    for (const network of networks) {
      this.#networks.set(network.prefix, network);
      this.#lengths[familyOfPrefix(network.prefix)].add(lengthOf(network.prefix));
    }
  }

  /** @param ban each once. */
  add(ban: Prefix): void {
    const family = familyOfPrefix(ban);
    const bits = lengthOf(ban);
    const address = firstAddressOf(ban);
    for (const length of this.#lengths[family]) {
      if (length <= bits) this.#count(prefixOf(address, length));
      else {
        this.#wider.add(ban);
        this.#widerLengths[family].add(bits);
      }
    }
  }

  /** Counts the wider bans. To be called once, behind the last. */
  end(): void {
    for (const { prefix, tally } of this.#networks.values()) {
      for (const bits of this.#widerLengths[familyOfPrefix(prefix)]) {
        if (bits >= lengthOf(prefix)) continue;
        if (this.#wider.has(prefixOf(firstAddressOf(prefix), bits))) tally.banned += 1;
      }
    }
  }

  #count(network: Prefix): void {
    const found = this.#networks.get(network);
    if (found !== undefined) found.tally.banned += 1;
  }
}
