/**
 * The sets of the table that say who is trusted and where one IPv6 address is one source.
 *
 * All three change in one transaction, so that no packet meets a half of them.
 */
import { OperationalError } from "../errors.ts";
import type { Nftables } from "../kernel/nftables.ts";
import type { TableReader } from "../kernel/table-reader.ts";
import { familyOfPrefix, firstAddressOf, type Prefix } from "../net/prefix.ts";
import { elementText, fillCommand } from "./executors/set-commands.ts";
import { outermost } from "./trusted-set.ts";

/** @returns the commands that make these prefixes the whole content of the sets. */
export function encodeTrust(trusted: readonly Prefix[], sharedIpv6: readonly Prefix[]): string {
  const ofFamily = (prefixes: readonly Prefix[], family: 4 | 6) =>
    outermost(prefixes.filter((prefix) => familyOfPrefix(prefix) === family)).map(elementText);
  return [
    fillCommand("trusted4", ofFamily(trusted, 4)),
    fillCommand("trusted6", ofFamily(trusted, 6)),
    fillCommand("single6", ofFamily(sharedIpv6, 6)),
  ].join("");
}

/** Remembers what it has written, and writes again only what has changed. */
export class KernelTrust {
  readonly #nft: Pick<Nftables, "run">;
  readonly #reader: Pick<TableReader, "hasAddress">;
  #written: string | undefined;
  /** One of each set that is not empty, by its set. */
  #samples: ReadonlyMap<string, Prefix> = new Map();

  constructor(nft: Pick<Nftables, "run">, reader: Pick<TableReader, "hasAddress">) {
    this.#nft = nft;
    this.#reader = reader;
  }

  /** Looks for one prefix of each set: microseconds. @returns false when somebody has emptied one. */
  isIntact(): boolean {
    return [...this.#samples].every(([set, prefix]) =>
      this.#reader.hasAddress(set, firstAddressOf(prefix)),
    );
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
    this.#samples = new Map(
      [...trusted].map((prefix) => [`trusted${familyOfPrefix(prefix)}`, prefix]),
    );
  }
}
