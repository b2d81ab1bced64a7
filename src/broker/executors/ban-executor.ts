/**
 * What carries out bans behind the privilege boundary.
 *
 * Calls are synchronous, one at a time, and never throw for anything that the guard can send: what
 * becomes of each ban is an outcome, in the order asked. Every executor checks for itself again;
 * that the broker has asked {@link BanExecutor.refusal} before only saves the guard's budget.
 */
import type { BanOrder } from "../../model/ban-order.ts";
import type { Outcome } from "../../model/order.ts";
import type { Prefix } from "../../net/prefix.ts";
import type { KernelCounters, Measurement } from "../protocol.ts";
import type { AgedBans } from "./ban-aging.ts";
import type { BanInventory } from "./ban-inventory.ts";

/** How many bans stood, of which so many are wide. At least; never too few. */
export interface StandingBans {
  readonly bans: number;
  readonly wide: number;
}

export interface BanExecutor {
  /** @returns why `prefix` will not be banned; undefined when nothing forbids it. */
  refusal(prefix: Prefix): string | undefined;
  /** Shuts out; a ban that stands gets the new time. "applied" was looked up in the kernel. */
  ban(bans: readonly BanOrder[]): readonly Outcome[];
  /** As `ban`, for many at once; what stands already may keep its own time. */
  restore(bans: readonly BanOrder[]): readonly Outcome[];
  /** "already-applied" for what is not banned. */
  unban(prefixes: readonly Prefix[]): readonly Outcome[];
  /** Whether the kernel's sets shut exactly `prefix` out. */
  isBanned(prefix: Prefix): boolean;
  /** Held sources counted, too: up to 4 µs each. */
  measure(): Measurement;
  /** Microseconds, however many elements the sets have. */
  counters(): KernelCounters;
  /** What stands at this moment: what a guard that was started again may restore. */
  standing(): StandingBans;
  /** Every ban that the kernel's sets hold, by whomever it was made; the caller closes it. */
  inventory(): BanInventory;
  /** Takes `byMs` (more than 0) off every ban that has an end, and ends those that had less. */
  age(byMs: number): AgedBans;
  /** Called when the table was rebuilt, with or without its bans. @returns what stood before. */
  forget(): StandingBans;
}
