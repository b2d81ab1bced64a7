/**
 * The kernel's side of blocklists: sets of a new load beside those of the one before it, then the
 * rules go over to them, then the old ones go.
 *
 * Filling is in steps of some milliseconds, between which the broker answers. Until the rules go
 * over the former load is asked, and a load that fails half-way leaves it in force.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { OperationalError } from "../../errors.ts";
import type { ElementWriter } from "../../kernel/element-writer.ts";
import { ELEMENTS_AT_ONCE } from "../../kernel/element-writer.ts";
import { formatErrno } from "../../kernel/errno.ts";
import type { Nftables } from "../../kernel/nftables.ts";
import { listedName, nextLoad } from "../../kernel/table-listed.ts";
import type { ListedSet } from "../../kernel/table-options.ts";
import type { TableReader } from "../../kernel/table-reader.ts";
import { TABLE } from "../../kernel/table-sets.ts";
import { formatWords } from "../../net/address-words.ts";
import { expandRows } from "../../net/expand-rows.ts";
import type { IpAddress } from "../../net/ip-address.ts";
import { planLengths } from "../../net/prefix-lengths.ts";
import type { PrefixRows } from "../../net/prefix-rows.ts";
import { MAX_LISTED } from "./read-blocklist.ts";

/** Questions that a list may cost every packet of its address family, where that is enough. */
const MAX_QUESTIONS = 8;

/**
 * Elements that are spent for fewer questions: this many, and a quarter of the blocks. An element
 * takes some 80 to 100 bytes of the kernel's memory, a question up to a third of a microsecond of every
 * packet.
 */
const SPARE_ELEMENTS = 65_536;
const SPARE_SHARE = 0.25;

export interface KernelListsParts {
  readonly nft: Pick<Nftables, "run">;
  readonly writer: Pick<ElementWriter, "add">;
  readonly reader: Pick<TableReader, "hasAddress" | "listedSets" | "counters">;
  /**
   * Has the rules ask these sets and no others, in one transaction.
   * @throws {OperationalError} ERR_KERNEL when the kernel refuses it; the old rules stand then.
   */
  readonly ask: (listed: readonly ListedSet[]) => void;
}

/** One set, and what goes into it. */
interface FilledSet extends ListedSet {
  readonly rows: PrefixRows;
  /** Blocks longer than that, and at most `bits` long, are written into it. */
  readonly above: number;
}

export class KernelLists {
  readonly #parts: KernelListsParts;
  /** An element of each set that is asked, by which it is seen that somebody has emptied one. */
  #samples: readonly { readonly set: string; readonly address: IpAddress }[] = [];

  constructor(parts: KernelListsParts) {
    this.#parts = parts;
  }

  /** Packets that were dropped because of a list; since the table was built. */
  dropped(): number {
    return this.#parts.reader.counters()?.get("listed") ?? 0;
  }

  /** @returns false when what should be in the sets is not. A few microseconds a set. */
  isIntact(): boolean {
    return this.#samples.every(({ set, address }) => this.#parts.reader.hasAddress(set, address));
  }

  /**
   * Makes these blocks, merged and IPv4 first, the whole of what is listed. Given up where `signal`
   * is aborted: nothing is asked of the kernel any more then, and what was made so far stays, unasked.
   * @returns how many elements they are in the kernel.
   * @throws {OperationalError} ERR_KERNEL when they are too many, or the kernel refuses them; what
   *   was listed before stays in force.
   */
  async replace(merged: readonly PrefixRows[], signal: AbortSignal): Promise<number> {
    const standing = this.#parts.reader.listedSets();
    const sets = planSets(merged, nextLoad(standing));
    // A machine without blocklists has its rules left alone.
    if (sets.length === 0 && standing.length === 0) return 0;
    try {
      for (const set of sets) await this.#fill(set, signal);
      this.#parts.ask(sets.map(({ name, family, bits, size }) => ({ name, family, bits, size })));
    } catch (error) {
      if (!signal.aborted) this.#delete(sets);
      throw error;
    }
    this.#samples = sets.flatMap((set) => sampleOf(set));
    this.#delete(standing);
    return sets.reduce((total, { size }) => total + size, 0);
  }

  async #fill(
    { name, family, size, rows, above, bits }: FilledSet,
    signal: AbortSignal,
  ): Promise<void> {
    const { nft, writer } = this.#parts;
    const made = nft.run(`add set ${TABLE} ${name} { type ipv${family}_addr; size ${size}; }`);
    if (made.status === "failed") throw refused(made.reason);
    for (const batch of expandRows(rows, above, bits, ELEMENTS_AT_ONCE)) {
      const outcome = writer.add(name, batch, rows.wordsEach);
      if (outcome.status === "failed") throw refused(formatErrno(outcome.errno));
      await nextTurn();
      if (signal.aborted) throw new OperationalError("ERR_KERNEL", "the load was given up");
    }
  }

  /** One by one: of sets that somebody else has taken away the others are deleted all the same. */
  #delete(sets: readonly Pick<ListedSet, "name">[]): void {
    for (const { name } of sets) this.#parts.nft.run(`delete set ${TABLE} ${name}\n`);
  }
}

function planSets(merged: readonly PrefixRows[], load: number): FilledSet[] {
  return merged.flatMap((rows) => {
    const counts = countLengths(rows);
    const plan = planLengths(counts, {
      maxLengths: MAX_QUESTIONS,
      maxElements: MAX_LISTED,
      spareElements: SPARE_ELEMENTS + rows.length * SPARE_SHARE,
    });
    if (plan === undefined) {
      const what = `${rows.length} blocks of IPv${rows.family}`;
      throw new OperationalError("ERR_KERNEL", `${what} are more than ${MAX_LISTED}`);
    }
    return plan.lengths.map((bits, index): FilledSet => {
      const above = plan.lengths[index - 1] ?? 0;
      const size = counts.reduce(
        (sum, count, length) =>
          length > above && length <= bits ? sum + count * 2 ** (bits - length) : sum,
        0,
      );
      const name = listedName(rows.family, bits, load);
      return { name, family: rows.family, bits, size, rows, above };
    });
  });
}

function countLengths(rows: PrefixRows): number[] {
  const counts = new Array<number>(129).fill(0);
  for (let row = 0; row < rows.length; row += 1) {
    counts[rows.bits(row)] = (counts[rows.bits(row)] as number) + 1;
  }
  return counts;
}

function sampleOf({ name, rows, above, bits }: FilledSet): { set: string; address: IpAddress }[] {
  for (const first of expandRows(rows, above, bits, 1)) {
    const words = rows.wordsEach === 1 ? [0, 0, 0xffff, ...first] : first;
    return [{ set: name, address: formatWords(Uint32Array.from(words)) }];
  }
  return [];
}

function refused(reason: string): OperationalError {
  const text = `the kernel does not take the blocklists: ${reason.split("\n", 1)[0]}`;
  return new OperationalError("ERR_KERNEL", text);
}
