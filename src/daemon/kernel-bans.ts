/**
 * Bans as they stand without a guard: what the kernel has, in the words of the journal.
 *
 * The kernel is what is true while its table stands: a ban that it does not have is not in force,
 * whatever the journal says, and one that the journal does not know is listed behind all others.
 * Without a table there is what the journal would bring back. The kernel is never asked with the
 * journal's rights, which it would refuse. Only a listing of what the journal does not know loads
 * all sets.
 */
import { BAN_SETS, banPlaceOf, intervalPlaceOf } from "../broker/executors/ban-sets.ts";
import type { NftablesExecutor } from "../broker/executors/nftables.ts";
import { listBans, type NftLister } from "../broker/executors/set-listing.ts";
import type { Clock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { TableReader } from "../kernel/table-reader.ts";
import { TABLE } from "../kernel/table-sets.ts";
import { type Ban, isByResponses } from "../model/ban.ts";
import type { Outcome } from "../model/order.ts";
import { bits128Of, type Prefix } from "../net/prefix.ts";
import { listedBehind, unknownBan } from "./unknown-bans.ts";

/** Bans read from the journal in one step. */
const BATCH = 1000;

export interface KernelBansParts {
  readonly nft: NftLister;
  readonly reader: Pick<TableReader, "hasAddress" | "countElements">;
  readonly executor: Pick<NftablesExecutor, "unban" | "forget">;
  /** Whether the table stands. */
  readonly hasTable: boolean;
  /** Length of the IPv6 block that is one source. Bits, 48 to 128. */
  readonly ipv6PrefixBits: number;
  /** Calls with the journal, with the rights of its owner; may not ask the kernel. */
  readonly withJournal: <Result>(act: (journal: Journal) => Result) => Result;
  readonly clock: Clock;
}

export class KernelBans {
  readonly #parts: KernelBansParts;

  constructor(parts: KernelBansParts) {
    this.#parts = parts;
  }

  /** Bans in force in the kernel; 0 without a table. */
  count(): number {
    const { hasTable, reader } = this.#parts;
    if (!hasTable) return 0;
    return BAN_SETS.reduce(
      (total, set) => total + reader.countElements(set, Number.MAX_SAFE_INTEGER),
      0,
    );
  }

  /** Bans that only the journal has, because the table is gone; 0 with one. */
  countWaiting(): number {
    if (this.#parts.hasTable) return 0;
    this.#expire();
    return this.#parts.withJournal((journal) => journal.countActiveBans());
  }

  /**
   * At most `limit` bans, those that follow `after`: first what the journal knows, the newest
   * first, then what only the kernel has, in the order of its text. Following the last of each page
   * comes to an end, also when that ban has ended meanwhile.
   */
  page(limit: number, after: Prefix | undefined): Ban[] {
    const { hasTable } = this.#parts;
    this.#expire();
    const isKnown = after !== undefined && this.#find(after) !== undefined;
    const isUnknown = after !== undefined && !isKnown && hasTable && this.#stands(after);
    const page = isUnknown ? [] : this.#known(limit, after);
    if (!hasTable || page.length >= limit) return page;
    const behind = isKnown ? undefined : after;
    return [...page, ...this.#unknown(behind).slice(0, limit - page.length)];
  }

  /** Whether the kernel's sets shut exactly `prefix` out. */
  isInKernel(prefix: Prefix): boolean {
    return this.#parts.hasTable && this.#stands(prefix);
  }

  /** Whether exactly `prefix` is banned, or waits to be. */
  has(prefix: Prefix): boolean {
    const { hasTable } = this.#parts;
    return this.#find(prefix) !== undefined || (hasTable && this.#stands(prefix));
  }

  /** Bans that only the kernel has, in the order of their text; loads all sets. */
  unknown(): Ban[] {
    this.#expire();
    return this.#parts.hasTable ? this.#unknown(undefined) : [];
  }

  /** Ends one ban, in the journal only when the kernel has let go of it. */
  unban(prefix: Prefix): Outcome {
    const { executor, hasTable, withJournal, clock } = this.#parts;
    const [outcome] = hasTable ? executor.unban([prefix]) : [ALREADY_APPLIED];
    if (outcome === undefined) throw new Error("the executor gave no outcome");
    if (outcome.status === "refused" || outcome.status === "failed") return outcome;
    // A ban that only the journal knows would come back with the next guard: it is undone, too.
    const wasKnown = withJournal((journal) => journal.endBan(prefix, "unbanned", clock.epochMs()));
    return wasKnown ? { status: "applied" } : outcome;
  }

  /**
   * Ends every ban: all of the kernel's in one transaction, and then the journal's.
   * @returns how many.
   * @throws {OperationalError} ERR_KERNEL when the kernel keeps them; then the journal does, too.
   */
  unbanAll(): number {
    const { nft, executor, hasTable, withJournal, clock } = this.#parts;
    this.#expire();
    const known = withJournal((journal) => [...journal.eachActiveBan(BATCH)].flat());
    const waiting = known.filter(({ prefix }) => !hasTable || !this.#stands(prefix)).length;
    const ended = this.count() + waiting;
    if (hasTable) {
      const outcome = nft.run(EMPTIED_SETS.map((set) => `flush set ${TABLE} ${set}\n`).join(""));
      if (outcome.status === "failed") throw undoable(outcome.reason);
      executor.forget();
    }
    withJournal((journal) => journal.endAllBans("unbanned", clock.epochMs()));
    return ended;
  }

  #expire(): void {
    const { withJournal, clock } = this.#parts;
    withJournal((journal) => journal.expireBans(clock.epochMs()));
  }

  #find(prefix: Prefix): Ban | undefined {
    return this.#parts.withJournal((journal) => journal.findActiveBan(prefix));
  }

  #known(limit: number, after: Prefix | undefined): Ban[] {
    const { hasTable, withJournal } = this.#parts;
    const page: Ban[] = [];
    let place = after;
    while (page.length < limit) {
      const bans = withJournal((journal) => journal.activeBans(limit, place));
      if (bans.length === 0) break;
      page.push(...bans.filter((ban) => !hasTable || this.#isInForce(ban)));
      place = bans.at(-1)?.prefix;
    }
    return page.slice(0, limit);
  }

  /** What only the kernel has, behind `behind` or all. */
  #unknown(behind: Prefix | undefined): Ban[] {
    const { nft, ipv6PrefixBits, withJournal, clock } = this.#parts;
    const listed = listBans(nft, ipv6PrefixBits);
    const now = clock.epochMs();
    const unknown = withJournal((journal) =>
      listed.filter(({ prefix }) => journal.findActiveBan(prefix) === undefined),
    );
    return listedBehind(unknown, behind).map(({ prefix, expiresMs }) =>
      unknownBan(prefix, now, expiresMs === undefined ? undefined : now + expiresMs),
    );
  }

  /** What one of PortSentry's responses has made stands whatever the kernel's sets say. */
  #isInForce(ban: Ban): boolean {
    return isByResponses(ban) || this.#stands(ban.prefix);
  }

  /** An address has a place of its own; a wider ban around it is another one. */
  #stands(prefix: Prefix): boolean {
    const { reader, ipv6PrefixBits } = this.#parts;
    const place = banPlaceOf(prefix, ipv6PrefixBits, false);
    if (reader.hasAddress(place.set, place.first)) return true;
    if (place.isInterval || bits128Of(prefix) === 128) return false;
    // Where a block is many people it stands among the intervals.
    const interval = intervalPlaceOf(prefix);
    return reader.hasAddress(interval.set, interval.first);
  }
}

const ALREADY_APPLIED: Outcome = { status: "already-applied" };

/** Whoever is unbanned is not held either, and begins without suspicion. */
const EMPTIED_SETS = [...BAN_SETS, "held4", "held6", "suspect4", "suspect6"] as const;

function undoable(reason: string): OperationalError {
  const why = reason.split("\n", 1)[0];
  return new OperationalError("ERR_KERNEL", `no ban was ended, the kernel keeps them: ${why}`);
}
