/**
 * Bans in the kernel's sets: what is refused, where each ban stands, and what stands already.
 *
 * Refused here, whatever was checked before: what overlaps the trusted set, what is no single
 * sender's address or too wide, and prefixes that overlap a prefix ban. It fails towards not
 * banning. Commands to the kernel are synchronous: 0.3 ms for one ban, looked up included.
 */
import type { Clock } from "../../clock.ts";
import { OperationalError } from "../../errors.ts";
import type { ElementWriter } from "../../kernel/element-writer.ts";
import type { Nftables } from "../../kernel/nftables.ts";
import type { TableReader } from "../../kernel/table-reader.ts";
import type { BanOrder } from "../../model/ban-order.ts";
import type { Outcome } from "../../model/order.ts";
import {
  familyOfPrefix,
  firstAddressOf,
  lengthOf,
  type Prefix,
  prefixesOverlap,
  prefixOf,
} from "../../net/prefix.ts";
import { isWide } from "../ban-budget.ts";
import type { KernelCounters, Measurement } from "../protocol.ts";
import type { TrustCheck } from "../trusted-set.ts";
import { type AgedBans, ageBans } from "./ban-aging.ts";
import type { BanExecutor, StandingBans } from "./ban-executor.ts";
import { BanInventory } from "./ban-inventory.ts";
import { type BanPlace, banPlaceOf, intervalPlaceOf } from "./ban-sets.ts";
import { BanTally } from "./ban-tally.ts";
import { BanWriter, type PlacedBan, type WriteMode } from "./ban-writer.ts";
import { whyNeverBanned } from "./bannable.ts";
import { IntervalBans, MAX_INTERVAL_BANS } from "./interval-bans.ts";
import { measureTable, readCounters } from "./measure.ts";
import { addCommand, deleteCommand } from "./set-commands.ts";
import { listBans } from "./set-listing.ts";

export interface NftablesExecutorOptions {
  /** Length of the IPv6 block that is one source. Bits, 48 to 128. */
  readonly ipv6PrefixBits: number;
}

export interface NftablesExecutorParts {
  readonly nft: Pick<Nftables, "run" | "runJson">;
  readonly elements: Pick<ElementWriter, "add">;
  readonly reader: Pick<TableReader, "hasAddress" | "counters" | "countElements" | "readAddresses">;
  readonly trusted: TrustCheck;
  /** The IPv6 prefixes in which one source is one address; asked at each ban. */
  readonly sharedIpv6: () => readonly Prefix[];
  readonly clock: Clock;
}

export class NftablesExecutor implements BanExecutor {
  readonly #ipv6PrefixBits: number;
  readonly #parts: NftablesExecutorParts;
  readonly #writer: BanWriter;
  readonly #intervals = new IntervalBans();
  readonly #tally = new BanTally();
  /** The latest ban of each set, by which it is seen that somebody else has emptied one. */
  readonly #latest = new Map<
    string,
    { readonly prefix: Prefix; readonly place: BanPlace; readonly untilMs: number }
  >();
  #hasAdopted = false;

  constructor(options: NftablesExecutorOptions, parts: NftablesExecutorParts) {
    this.#ipv6PrefixBits = options.ipv6PrefixBits;
    this.#parts = parts;
    this.#writer = new BanWriter(parts);
  }

  refusal(prefix: Prefix): string | undefined {
    return whyNeverBanned(prefix) ?? this.#parts.trusted.check(prefix);
  }

  ban(bans: readonly BanOrder[]): readonly Outcome[] {
    return this.#apply(bans, "renew");
  }

  restore(bans: readonly BanOrder[]): readonly Outcome[] {
    return this.#apply(bans, "bulk");
  }

  unban(prefixes: readonly Prefix[]): readonly Outcome[] {
    return prefixes.map((prefix) => {
      const outcome = this.#unban(prefix);
      if (outcome.status !== "refused") this.#release(prefix);
      for (const [set, latest] of this.#latest) {
        if (latest.prefix === prefix) this.#latest.delete(set);
      }
      return outcome;
    });
  }

  /**
   * Looks for the latest ban of each set: a few microseconds.
   * @returns false when one is gone that should stand, so that others may be gone, too.
   */
  isIntact(): boolean {
    const now = this.#parts.clock.monotonicMs();
    return [...this.#latest.values()].every(
      ({ place, untilMs }) => untilMs - now < 1000 || this.#writer.stands(place),
    );
  }

  isBanned(prefix: Prefix): boolean {
    const place = banPlaceOf(prefix, this.#ipv6PrefixBits, this.#isShared(prefix));
    return this.#writer.stands(place);
  }

  measure(): Measurement {
    return measureTable(this.#parts.reader);
  }

  counters(): KernelCounters {
    return readCounters(this.#parts.reader);
  }

  standing(): StandingBans {
    const now = this.#parts.clock.monotonicMs();
    const wide = this.#intervals.standing(now).filter(isWide).length;
    return { bans: this.#tally.standing(now), wide };
  }

  inventory(): BanInventory {
    const now = this.#parts.clock.monotonicMs();
    this.#adopt(now);
    const intervals = this.#intervals.entries(now);
    return new BanInventory(this.#parts.reader, intervals, this.#ipv6PrefixBits);
  }

  age(byMs: number): AgedBans {
    const now = this.#parts.clock.monotonicMs();
    for (const [set, latest] of this.#latest) {
      const untilMs = latest.untilMs - byMs;
      if (untilMs > now) this.#latest.set(set, { ...latest, untilMs });
      else this.#latest.delete(set);
    }
    const aged = ageBans(this.#parts.nft, byMs);
    // Which prefixes still stand, and how long, is learned from the kernel.
    this.#intervals.clear();
    this.#hasAdopted = false;
    this.#adopt(now);
    return aged;
  }

  forget(): StandingBans {
    const standing = this.standing();
    this.#intervals.clear();
    this.#tally.clear();
    this.#latest.clear();
    this.#hasAdopted = false;
    return standing;
  }

  /**
   * Learns the prefix bans that stand in the kernel from before: an earlier run's, or those that
   * stood through a rebuilding of the table.
   */
  #adopt(now: number): void {
    if (this.#hasAdopted) return;
    this.#hasAdopted = true;
    try {
      for (const ban of listBans(this.#parts.nft, 128, ["bannet4", "bannet6"])) {
        const timeoutMs = ban.expiresMs ?? null;
        this.#intervals.add(ban.prefix, timeoutMs, now);
        this.#tally.add(timeoutMs, now);
      }
    } catch (error) {
      // No table, so that nothing stands; the ban that is about to be made fails and says so.
      if (!(error instanceof OperationalError)) throw error;
      this.#hasAdopted = false;
    }
  }

  #apply(bans: readonly BanOrder[], mode: WriteMode): Outcome[] {
    const now = this.#parts.clock.monotonicMs();
    this.#adopt(now);
    const refusals = new Map<BanOrder, Outcome>();
    // By prefix, because a transaction takes an element once: of two the later one holds.
    const placed = new Map<Prefix, PlacedBan>();
    for (const ban of bans) {
      const place = banPlaceOf(ban.prefix, this.#ipv6PrefixBits, this.#isShared(ban.prefix));
      const reason = this.refusal(ban.prefix) ?? this.#whyNoRoom(ban.prefix, place, now);
      if (reason !== undefined) {
        refusals.set(ban, { status: "refused", reason });
        continue;
      }
      placed.set(ban.prefix, { prefix: ban.prefix, timeoutMs: ban.timeoutMs, place });
      // Remembered at once, so that the next of the batch meets it as an overlap.
      if (place.isInterval) this.#intervals.add(ban.prefix, ban.timeoutMs, now);
    }
    const outcomes = this.#writer.write([...placed.values()], mode);
    for (const { prefix, timeoutMs, place } of placed.values()) {
      if (outcomes.get(prefix)?.status === "applied") {
        this.#tally.add(timeoutMs, now);
        const untilMs = timeoutMs === null ? Number.POSITIVE_INFINITY : now + timeoutMs;
        this.#latest.set(place.set, { prefix, place, untilMs });
      } else if (place.isInterval && !this.#writer.stands(place)) this.#intervals.delete(prefix);
    }
    return bans.map((ban) => refusals.get(ban) ?? (outcomes.get(ban.prefix) as Outcome));
  }

  /** @returns why an interval set cannot take the prefix; undefined when it can. */
  #whyNoRoom(prefix: Prefix, place: BanPlace, now: number): string | undefined {
    if (!place.isInterval) return undefined;
    const overlapped = this.#intervals.overlapping(prefix, now);
    if (overlapped === prefix) return undefined;
    if (overlapped !== undefined) return `overlaps ${overlapped}, which is banned`;
    if (this.#intervals.size < MAX_INTERVAL_BANS) return undefined;
    return `${MAX_INTERVAL_BANS} prefixes are banned already, which is the most`;
  }

  #unban(prefix: Prefix): Outcome {
    const now = this.#parts.clock.monotonicMs();
    this.#adopt(now);
    const overlapping = this.#intervals.overlapping(prefix, now);
    // As if not shared: what is shared may have changed since the ban was made.
    const place = banPlaceOf(prefix, this.#ipv6PrefixBits, false);
    if (overlapping === prefix) {
      const outcome = this.#writer.remove(intervalPlaceOf(prefix));
      if (outcome.status === "applied") this.#intervals.delete(prefix);
      return outcome;
    }
    if (!place.isInterval && this.#writer.stands(place)) return this.#writer.remove(place);
    const isHeldWider = overlapping !== undefined && lengthOf(overlapping) < lengthOf(prefix);
    const holder = isHeldWider ? overlapping : this.#blockAround(prefix);
    if (holder === undefined) return { status: "already-applied" };
    return { status: "refused", reason: `shut out as part of ${holder}: unban that` };
  }

  /** Whoever is unbanned is not held either, and begins without suspicion. */
  #release(prefix: Prefix): void {
    const family = familyOfPrefix(prefix);
    const isOneSource = lengthOf(prefix) >= (family === 4 ? 32 : this.#ipv6PrefixBits);
    if (!isOneSource) return;
    const element = { text: firstAddressOf(prefix), timeoutMs: 1000 };
    for (const set of [`held${family}`, `suspect${family}`]) {
      // Deleting alone would fail where it is not in.
      this.#parts.nft.run(addCommand(set, [element]) + deleteCommand(set, [element.text]));
    }
  }

  /** @returns the banned IPv6 block that `prefix` is a part of; undefined when there is none. */
  #blockAround(prefix: Prefix): Prefix | undefined {
    if (!prefix.includes(":") || lengthOf(prefix) <= this.#ipv6PrefixBits) return undefined;
    if (this.#isShared(prefix)) return undefined;
    const block = prefixOf(firstAddressOf(prefix), this.#ipv6PrefixBits);
    return this.#writer.stands(banPlaceOf(block, this.#ipv6PrefixBits, false)) ? block : undefined;
  }

  #isShared(prefix: Prefix): boolean {
    if (familyOfPrefix(prefix) === 4) return false;
    return this.#parts.sharedIpv6().some((shared) => prefixesOverlap(shared, prefix));
  }
}
