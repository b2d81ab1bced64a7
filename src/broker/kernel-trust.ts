/**
 * The sets of the table that say who is trusted and where one IPv6 address is one source.
 *
 * All three change in one transaction, so that no packet meets a half of them.
 */
import { OperationalError } from "../errors.ts";
import type { Nftables } from "../kernel/nftables.ts";
import type { TableReader } from "../kernel/table-reader.ts";
import type { IpAddress } from "../net/ip-address.ts";
import { familyOfPrefix, firstAddressOf, type Prefix } from "../net/prefix.ts";
import { elementText, fillCommand } from "./executors/set-commands.ts";
import { outermost } from "./trusted-set.ts";

/** @returns the commands that make these prefixes the whole content of the sets. */
export function encodeTrust(trusted: readonly Prefix[], sharedIpv6: readonly Prefix[]): string {
  const ofFamily = (prefixes: readonly Prefix[], family: 4 | 6) =>
    elementsOf(prefixes, family).map(elementText);
  return [
    fillCommand("trusted4", ofFamily(trusted, 4)),
    fillCommand("trusted6", ofFamily(trusted, 6)),
    fillCommand("single6", ofFamily(sharedIpv6, 6)),
  ].join("");
}

/** Most prefixes of each set that are looked for: all that most machines have. */
const MAX_SAMPLES = 16;

/** Remembers what it has written, and writes again only what has changed. */
export class KernelTrust {
  readonly #nft: Pick<Nftables, "run">;
  readonly #reader: Pick<TableReader, "hasAddress">;
  #written: string | undefined;
  /** What is looked for, by its set. */
  #samples: readonly { readonly set: string; readonly first: IpAddress }[] = [];

  constructor(nft: Pick<Nftables, "run">, reader: Pick<TableReader, "hasAddress">) {
    this.#nft = nft;
    this.#reader = reader;
  }

  /**
   * Looks for the first address of {@link MAX_SAMPLES} prefixes of each set, spread evenly over
   * those that it was given: microseconds each. What was added, and what is missing among more
   * prefixes than these, is not seen.
   * @returns false when one of them is gone.
   */
  isIntact(): boolean {
    return this.#samples.every(({ set, first }) => this.#reader.hasAddress(set, first));
  }

  /**
   * Brings the sets up to date.
   * @param isForced whether they may be empty again, because the table was rebuilt.
   * @throws {OperationalError} ERR_KERNEL when the kernel refuses it; the next call tries again.
   */
  write(trusted: readonly Prefix[], sharedIpv6: readonly Prefix[], isForced: boolean): void {
    const commands = encodeTrust(trusted, sharedIpv6);
    if (commands === this.#written && !isForced) return;
    this.#written = undefined;
    const outcome = this.#nft.run(commands);
    if (outcome.status === "failed") {
      const reason = outcome.reason.split("\n", 1)[0];
      throw new OperationalError("ERR_KERNEL", `trust cannot be written to the kernel: ${reason}`);
    }
    this.#written = commands;
    this.#samples = [
      ...samplesOf("trusted4", elementsOf(trusted, 4)),
      ...samplesOf("trusted6", elementsOf(trusted, 6)),
      ...samplesOf("single6", elementsOf(sharedIpv6, 6)),
    ];
  }
}

/** @returns those of one family, without what lies inside another. */
function elementsOf(prefixes: readonly Prefix[], family: 4 | 6): readonly Prefix[] {
  return outermost(prefixes.filter((prefix) => familyOfPrefix(prefix) === family));
}

/** The first and the last are among them. */
function samplesOf(set: string, elements: readonly Prefix[]) {
  const count = Math.min(MAX_SAMPLES, elements.length);
  const step = count > 1 ? (elements.length - 1) / (count - 1) : 0;
  return Array.from({ length: count }, (_, index) => {
    const first = firstAddressOf(elements[Math.round(index * step)] as Prefix);
    return { set, first };
  });
}
