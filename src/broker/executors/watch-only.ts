/**
 * The executor of a guard that only watches: makes no ban, and still takes standing ones away.
 *
 * Without nftables there is nothing to take away either. It fails towards doing nothing, and every
 * refusal says why.
 */

import type { BanOrder } from "../../model/ban-order.ts";
import type { Outcome } from "../../model/order.ts";
import type { Prefix } from "../../net/prefix.ts";
import type { KernelCounters, Measurement } from "../protocol.ts";
import type { AgedBans } from "./ban-aging.ts";
import type { BanExecutor, StandingBans } from "./ban-executor.ts";
import { BanInventory, NO_ADDRESSES } from "./ban-inventory.ts";

const NOTHING_MEASURED: Measurement = {
  counters: { holds: 0, refused: 0, shutOut: 0, trusted: 0, full: 0, unlogged: 0 },
  held: 0,
};

export class WatchOnlyExecutor implements BanExecutor {
  readonly #reason: string;
  readonly #kernel: BanExecutor | undefined;

  /**
   * @param reason why nothing is banned, for people: "BLOCK_TCP is 0".
   * @param kernel undefined where there is no nftables.
   */
  constructor(reason: string, kernel?: BanExecutor) {
    this.#reason = reason;
    this.#kernel = kernel;
  }

  refusal(): string {
    return this.#reason;
  }

  ban(bans: readonly BanOrder[]): readonly Outcome[] {
    return bans.map(() => ({ status: "refused", reason: this.#reason }));
  }

  restore(bans: readonly BanOrder[]): readonly Outcome[] {
    return this.ban(bans);
  }

  unban(prefixes: readonly Prefix[]): readonly Outcome[] {
    return this.#kernel?.unban(prefixes) ?? prefixes.map(() => ({ status: "already-applied" }));
  }

  isBanned(prefix: Prefix): boolean {
    return this.#kernel?.isBanned(prefix) ?? false;
  }

  measure(): Measurement {
    return this.#kernel?.measure() ?? NOTHING_MEASURED;
  }

  counters(): KernelCounters {
    return this.#kernel?.counters() ?? NOTHING_MEASURED.counters;
  }

  standing(): StandingBans {
    return this.#kernel?.standing() ?? { bans: 0, wide: 0 };
  }

  inventory(): BanInventory {
    return this.#kernel?.inventory() ?? new BanInventory(NO_ADDRESSES, [], 128);
  }

  age(byMs: number): AgedBans {
    return this.#kernel?.age(byMs) ?? { shortened: 0, ended: 0, failed: 0 };
  }

  forget(): StandingBans {
    return this.#kernel?.forget() ?? { bans: 0, wide: 0 };
  }
}
