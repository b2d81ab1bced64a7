/**
 * Decides on the guard's requests to ban, to bring bans back and to end them, and has them carried
 * out.
 *
 * The executor's rules come first (trusted, not bannable), then those of evidence and the budget,
 * or for what stood before the allowance. What a taken-over guard can do here: shut out untrusted
 * sources within the budget, and unban everyone.
 */

import type { BanOrder } from "../model/ban-order.ts";
import type { Outcome } from "../model/order.ts";
import type { Prefix } from "../net/prefix.ts";
import { BanBudget, type BanBudgetOptions, type BanRules, isWide } from "./ban-budget.ts";
import type { BanItem } from "./ban-schema.ts";
import type { BanExecutor, StandingBans } from "./executors/ban-executor.ts";
import type { BanInventory } from "./executors/ban-inventory.ts";

export interface BanDeskOptions extends BanBudgetOptions {
  /**
   * What may be restored until {@link BanDesk.endRestoring}, and how much of it may be wide.
   * Integers.
   */
  readonly restore: StandingBans;
}

export class BanDesk {
  readonly #executor: BanExecutor;
  readonly #budget: BanBudget;
  #allowance: StandingBans;
  /** What stands, as far as it was read; undefined before it is asked for, and while guarding. */
  #inventory: BanInventory | undefined;

  constructor(executor: BanExecutor, options: BanDeskOptions) {
    this.#executor = executor;
    this.#budget = new BanBudget(options);
    this.#allowance = options.restore;
  }

  /** `nowMs`: monotonic. @returns an outcome for each, in order. */
  ban(bans: readonly BanItem[], nowMs: number): Outcome[] {
    const executor = this.#executor;
    // A ban that cannot be made costs nobody's budget.
    const decide = (ban: BanItem) =>
      executor.refusal(ban.prefix) ?? this.#budget.charge(ban, nowMs);
    return withRefusals(bans, decide, (allowed) => executor.ban(allowed));
  }

  restore(bans: readonly BanItem[]): Outcome[] {
    const executor = this.#executor;
    // How long is not asked: the rules under which it was made allowed the time that is left.
    const decide = (ban: BanItem) =>
      executor.refusal(ban.prefix) ?? this.#budget.whyTooWide(ban) ?? this.#spend(ban.prefix);
    return withRefusals(bans, decide, (allowed) => executor.restore(allowed));
  }

  /**
   * @param nowMs monotonic. @returns the next of the bans that stand; empty when that was all. The
   * sets are read once.
   */
  standing(nowMs: number): readonly BanOrder[] {
    this.#inventory ??= this.#executor.inventory();
    return this.#inventory.next(nowMs);
  }

  unban(prefixes: readonly Prefix[]): readonly Outcome[] {
    return this.#executor.unban(prefixes);
  }

  /** The table is new and empty: as many bans as stood in the old one may be restored. */
  tableRebuilt(): void {
    this.#allowance = this.#executor.forget();
  }

  endRestoring(): void {
    this.#allowance = { bans: 0, wide: 0 };
    this.close();
  }

  /** Nobody asks any more. May be called again. */
  close(): void {
    this.#inventory?.close();
    this.#inventory = undefined;
  }

  /** As {@link BanBudget.reconfigure}. */
  reconfigure(rules: BanRules): void {
    this.#budget.reconfigure(rules);
  }

  /** @returns undefined when the allowance covered one more restored ban. */
  #spend(prefix: Prefix): string | undefined {
    const { bans, wide } = this.#allowance;
    const wideCost = isWide(prefix) ? 1 : 0;
    if (bans < 1 || wide < wideCost) return "more bans than stood before cannot be restored";
    this.#allowance = { bans: bans - 1, wide: wide - wideCost };
    return undefined;
  }
}

/** Refuses what `decide` gives a reason for, and has `act` do the others, in order. */
function withRefusals(
  bans: readonly BanItem[],
  decide: (ban: BanItem) => string | undefined,
  act: (allowed: readonly BanItem[]) => readonly Outcome[],
): Outcome[] {
  const reasons = bans.map(decide);
  const allowed = bans.filter((_, index) => reasons[index] === undefined);
  const done = (allowed.length > 0 ? act(allowed) : []).values();
  return reasons.map((reason) => {
    if (reason !== undefined) return { status: "refused", reason };
    return done.next().value ?? { status: "failed", reason: "the executor gave no answer" };
  });
}
