/**
 * Bans as they stand without a guard, by whatever they were made: the kernel's sets, PortSentry's
 * responses, and what an earlier PortSentry has left.
 *
 * An unban takes back everything, and is done when nothing of it stands: until then the ledger, and
 * so the list, goes on knowing the source.
 */
import type { BanView } from "../api/contract.ts";
import type { LegacyBans } from "../broker/legacy-bans.ts";
import type { Clock } from "../clock.ts";
import { type Ban, isByResponses } from "../model/ban.ts";
import type { Outcome } from "../model/order.ts";
import type { Prefix } from "../net/prefix.ts";
import type { KernelBans } from "./kernel-bans.ts";
import { outcomeOfAll, requireNoFailures } from "./outcomes.ts";
import { leftoverBans } from "./unknown-bans.ts";
import { banView } from "./views.ts";

export interface OfflineBansParts {
  readonly kernel: KernelBans;
  /** undefined: no key of PortSentry's asks for anything, and nothing is left from before. */
  readonly legacy: LegacyBans | undefined;
  /** Whether the table stands. */
  readonly hasTable: boolean;
  readonly clock: Clock;
}

export class OfflineBans {
  readonly #parts: OfflineBansParts;

  constructor(parts: OfflineBansParts) {
    this.#parts = parts;
  }

  /** Bans in force. */
  count(): number {
    const { kernel, legacy } = this.#parts;
    const byOthers = (legacy?.prefixes ?? []).filter((prefix) => !kernel.isInKernel(prefix));
    return kernel.count() + byOthers.length;
  }

  /** Whether exactly `prefix` is banned by us, or waits to be. */
  has(prefix: Prefix): boolean {
    return this.#parts.kernel.has(prefix);
  }

  /** At most `limit` bans, those that follow `after`: the leftovers behind all others. */
  async page(limit: number, after: Prefix | undefined): Promise<BanView[]> {
    const { kernel, hasTable, clock } = this.#parts;
    const known = kernel.page(limit, after);
    const isKnown = after === undefined || known.length > 0 || kernel.has(after);
    const room = limit - known.length;
    const left = room === 0 ? [] : await this.#leftovers(isKnown ? undefined : after);
    const now = clock.epochMs();
    return [
      // What PortSentry's responses have done stands without the kernel's table.
      ...known.map((ban) => banView(ban, now, hasTable || isByResponses(ban))),
      ...left.slice(0, room).map((ban) => banView(ban, now)),
    ];
  }

  async unban(prefix: Prefix): Promise<Outcome> {
    const { kernel, legacy } = this.#parts;
    const undone = (await legacy?.undo([prefix], { withLeftovers: true })) ?? [];
    await legacy?.adoptBlocked();
    const outcomes = undone.map(({ outcome }) => outcome);
    // The journal keeps a ban of which something still stands.
    if (outcomes.some(({ status }) => status === "failed")) return outcomeOfAll(outcomes, "unban");
    return outcomeOfAll([...outcomes, kernel.unban(prefix)], "unban");
  }

  /**
   * Ends every ban of ours; what somebody else may have made is ended by name alone.
   * @returns how many were ended.
   * @throws {OperationalError} ERR_KERNEL when some are still shut out, with how many are not.
   */
  async unbanAll(): Promise<number> {
    const { kernel, legacy } = this.#parts;
    const lost = (legacy?.prefixes ?? []).filter((prefix) => !kernel.has(prefix));
    const failures = await this.undoResponses();
    const standing = new Set(legacy?.prefixes);
    const letIn = lost.filter((prefix) => !standing.has(prefix)).length;
    await legacy?.adoptBlocked();
    const ended = letIn + kernel.unbanAll();
    requireNoFailures(failures, ended);
    return ended;
  }

  /** Takes back all that PortSentry's responses have done. @returns what still stands, and why. */
  async undoResponses(): Promise<readonly string[]> {
    return (await this.#parts.legacy?.undoAll()) ?? [];
  }

  /** As they are listed; those behind `behind`, or all. */
  async #leftovers(behind: Prefix | undefined): Promise<Ban[]> {
    const { kernel, legacy, clock } = this.#parts;
    const standing = (await legacy?.leftovers()) ?? [];
    return leftoverBans(standing, (prefix) => kernel.has(prefix), behind, clock.epochMs());
  }
}
