/**
 * Which bans the guard may make, and how many, whatever it says.
 *
 * The guard has a policy of its own; this is what holds when the guard has been taken over, or when
 * a forger makes it convict a thousand sources a second. Each bound holds in every window of a
 * minute ({@link SlidingWindow}). What people ask for has a bound of its own: a forger who fills the
 * detectors' leaves an administrator's hands free, and a stolen token does not stop detectors. What a
 * taken-over guard can still do: call everything proven, or an operator's wish, and so shut out
 * `bansPerMinute` untrusted sources a minute as either.
 */
import { familyOfPrefix, lengthOf, type Prefix } from "../net/prefix.ts";
import { SlidingWindow } from "../sliding-window.ts";
import type { BanItem } from "./ban-schema.ts";
import { type BanLimits, whyMoreThanOne, whyTooLongFor } from "./evidence-rules.ts";

const MINUTE_MS = 60_000;

/** Wide bans a minute; without a bound of their own, 256 of /8 would be the whole Internet. */
const WIDE_BANS_PER_MINUTE = 8;

/** Prefixes shorter than this are wide. Bits, by address family. */
const WIDE_BELOW_BITS = { 4: 24, 6: 48 } as const;

/** What a reload may change. */
export interface BanRules {
  /** Bans of detectors on evidence "claimed" in any minute. Integer. Usual value 60. */
  readonly claimedBansPerMinute: number;
  readonly limits: BanLimits;
}

export interface BanBudgetOptions extends BanRules {
  /** Length of the IPv6 block that is one source. Bits, 48 to 128. */
  readonly ipv6PrefixBits: number;
  /** All bans of detectors in any minute, and as many of operators. Integer. Usual value 600. */
  readonly bansPerMinute: number;
}

/** @returns whether a ban of `prefix` shuts out so many that it counts as wide. */
export function isWide(prefix: Prefix): boolean {
  return lengthOf(prefix) < WIDE_BELOW_BITS[familyOfPrefix(prefix)];
}

export class BanBudget {
  #options: BanBudgetOptions;
  #claimed: SlidingWindow;
  readonly #all: Readonly<Record<BanItem["origin"], SlidingWindow>>;
  readonly #wide = new SlidingWindow({ limit: WIDE_BANS_PER_MINUTE, windowMs: MINUTE_MS });

  constructor(options: BanBudgetOptions) {
    this.#options = options;
    this.#claimed = new SlidingWindow({ limit: options.claimedBansPerMinute, windowMs: MINUTE_MS });
    const all = { limit: options.bansPerMinute, windowMs: MINUTE_MS };
    this.#all = { detector: new SlidingWindow(all), operator: new SlidingWindow(all) };
  }

  /**
   * Goes by other rules from now on. The same bound on claimed bans goes on with what it has
   * counted, so that nobody gets a second budget by a reload.
   */
  reconfigure(rules: BanRules): void {
    const { claimedBansPerMinute: limit } = rules;
    const isSame = limit === this.#options.claimedBansPerMinute;
    this.#options = { ...this.#options, ...rules };
    if (!isSame) this.#claimed = new SlidingWindow({ limit, windowMs: MINUTE_MS });
  }

  /** @returns why `item` is wider than a detector's ban may be; undefined when it is not. */
  whyTooWide(item: Pick<BanItem, "prefix" | "origin">): string | undefined {
    return whyMoreThanOne(item, this.#options.ipv6PrefixBits);
  }

  /**
   * Pays for one ban from every bound that it falls under, or from none.
   * @returns undefined when it is paid for, else why not.
   */
  charge(item: BanItem, nowMs: number): string | undefined {
    const forbidden = this.whyTooWide(item) ?? whyTooLongFor(item, this.#options.limits);
    if (forbidden !== undefined) return forbidden;
    const isClaimed = item.origin === "detector" && item.evidence === "claimed";
    const countsAsWide = isWide(item.prefix);
    const all = this.#all[item.origin];
    if (!all.hasRoom(nowMs)) {
      const { bansPerMinute: most } = this.#options;
      if (item.origin === "detector") return `over the budget of ${most} bans a minute`;
      return `over the budget of ${most} bans by hand a minute${againIn(all, nowMs)}`;
    }
    if (isClaimed && !this.#claimed.hasRoom(nowMs)) {
      return `over the budget of ${this.#options.claimedBansPerMinute} claimed bans a minute`;
    }
    if (countsAsWide && !this.#wide.hasRoom(nowMs)) {
      return `over the budget of ${WIDE_BANS_PER_MINUTE} wide bans a minute${againIn(this.#wide, nowMs)}`;
    }
    all.take(nowMs);
    if (isClaimed) this.#claimed.take(nowMs);
    if (countsAsWide) this.#wide.take(nowMs);
    return undefined;
  }
}

/** For people, who ask again: detectors do so by themselves, and only operators' bans are wide. */
function againIn(window: SlidingWindow, nowMs: number): string {
  return `; there is room again in ${Math.ceil(window.waitMs(nowMs) / 1000)} s`;
}
