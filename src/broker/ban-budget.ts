/**
 * How many bans the guard may make, whatever it says.
 *
 * The guard has a policy of its own; this is what holds when the guard has been taken over, or when
 * a forger makes it convict a thousand sources a second. Each bound holds in every window of a
 * minute ({@link SlidingWindow}). What a taken-over guard can still do: call everything proven, and
 * so shut out `bansPerMinute` untrusted sources a minute.
 */
import { familyOfPrefix, lengthOf, type Prefix } from "../net/prefix.ts";
import { SlidingWindow } from "../sliding-window.ts";
import type { BanItem } from "./protocol.ts";

const MINUTE_MS = 60_000;

/** Wide bans a minute; without a bound of their own, 256 of /8 would be the whole Internet. */
const WIDE_BANS_PER_MINUTE = 8;

/** Prefixes shorter than this are wide. Bits, by address family. */
const WIDE_BELOW_BITS = { 4: 24, 6: 48 } as const;

export interface BanBudgetOptions {
  /** Bans of detectors on evidence "claimed" in any minute. Integer. Usual value 60. */
  readonly claimedBansPerMinute: number;
  /** All bans in any minute, operators' ones included. Integer. Usual value 600. */
  readonly bansPerMinute: number;
}

/** @returns whether a ban of `prefix` shuts out so many that it counts as wide. */
export function isWide(prefix: Prefix): boolean {
  return lengthOf(prefix) < WIDE_BELOW_BITS[familyOfPrefix(prefix)];
}

export class BanBudget {
  #options: BanBudgetOptions;
  #claimed: SlidingWindow;
  readonly #all: SlidingWindow;
  readonly #wide = new SlidingWindow({ limit: WIDE_BANS_PER_MINUTE, windowMs: MINUTE_MS });

  constructor(options: BanBudgetOptions) {
    this.#options = options;
    this.#claimed = new SlidingWindow({ limit: options.claimedBansPerMinute, windowMs: MINUTE_MS });
    this.#all = new SlidingWindow({ limit: options.bansPerMinute, windowMs: MINUTE_MS });
  }

  /**
   * Has another bound on claimed bans from now on. The same one goes on with what it has counted,
   * so that nobody gets a second budget by a reload.
   */
  setClaimedBans(limit: number): void {
    if (limit === this.#options.claimedBansPerMinute) return;
    this.#options = { ...this.#options, claimedBansPerMinute: limit };
    this.#claimed = new SlidingWindow({ limit, windowMs: MINUTE_MS });
  }

  /**
   * Pays for one ban from every bound that it falls under, or from none.
   * @returns undefined when it is paid for, else why not.
   */
  charge(item: Pick<BanItem, "prefix" | "evidence" | "origin">, nowMs: number): string | undefined {
    const isClaimed = item.origin === "detector" && item.evidence === "claimed";
    const countsAsWide = isWide(item.prefix);
    if (!this.#all.hasRoom(nowMs)) {
      return `over the budget of ${this.#options.bansPerMinute} bans a minute`;
    }
    if (isClaimed && !this.#claimed.hasRoom(nowMs)) {
      return `over the budget of ${this.#options.claimedBansPerMinute} claimed bans a minute`;
    }
    if (countsAsWide && !this.#wide.hasRoom(nowMs)) {
      return `over the budget of ${WIDE_BANS_PER_MINUTE} wide bans a minute`;
    }
    this.#all.take(nowMs);
    if (isClaimed) this.#claimed.take(nowMs);
    if (countsAsWide) this.#wide.take(nowMs);
    return undefined;
  }
}
