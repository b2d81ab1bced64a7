/**
 * What people may ask when no guard runs, answered from the kernel's sets and the journal.
 *
 * The kernel is what is true: a ban that it does not have is not in force, whatever the journal
 * says; one that the journal does not know is listed as such. What a guard is refused is refused
 * here, by the same executor.
 */
import { lstatSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type {
  BanRequest,
  BanView,
  OutcomeView,
  StatusView,
  TrustedView,
  TrustRequest,
} from "../api/contract.ts";
import type { OfflineOperator } from "../api/operator.ts";
import type { NftablesExecutor } from "../broker/executors/nftables.ts";
import { listBans } from "../broker/executors/set-listing.ts";
import type { TrustKeeper } from "../broker/trust-keeper.ts";
import type { TrustedSet } from "../broker/trusted-set.ts";
import { systemClock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Nftables } from "../kernel/nftables.ts";
import { TABLE } from "../kernel/table-sets.ts";
import type { Ban } from "../model/ban.ts";
import type { HealthProblem } from "../model/health.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { VERSION } from "../version.ts";
import { requirePrefix, sourceOf } from "./addresses.ts";
import { counted, statusSentence } from "./status-sentence.ts";
import { findListenedGroup } from "./table-keeper.ts";
import { openTrustFile } from "./trust-sources.ts";
import { banView, healthView, outcomeView } from "./views.ts";

/** Where the guard keeps its things. */
export interface OfflinePlaces {
  readonly runDirectory: string;
  readonly stateDirectory: string;
}

export interface KernelOperatorParts {
  readonly places: OfflinePlaces;
  readonly nftables: Nftables;
  readonly hasTable: boolean;
  readonly keys: SourceKeys;
  readonly ipv6PrefixBits: number;
  readonly trusted: TrustedSet;
  readonly executor: NftablesExecutor;
  readonly trust: TrustKeeper;
  readonly withJournal: <Result>(act: (journal: Journal) => Result) => Result;
  readonly close: () => void;
}

export class KernelOperator implements OfflineOperator {
  readonly #parts: KernelOperatorParts;

  constructor(parts: KernelOperatorParts) {
    this.#parts = parts;
  }

  async status(): Promise<StatusView> {
    const { trusted, hasTable, executor } = this.#parts;
    const { held, counters } = executor.measure();
    const status: Omit<StatusView, "sentence"> = {
      version: VERSION,
      state: "absent",
      mode: { tcp: "", udp: "" },
      since: null,
      probes: 0,
      lost: 0,
      unlogged: counters.unlogged,
      malformed: 0,
      held,
      holds: counters.holds,
      banned: hasTable ? this.#standingBans().length : 0,
      tracked: 0,
      trusted: trusted.entries.length,
      trusted_saves: counters.trusted,
      dropped: counters.refused + counters.shutOut,
      full: counters.full,
      journal_failures: 0,
      table: "nft list table inet vedette",
      config_revision: "",
      confirm_by: null,
      health: [healthView(this.#absence())],
    };
    return { ...status, sentence: statusSentence(status, undefined) };
  }

  async bans(limit: number, after: string | undefined): Promise<BanView[]> {
    const now = systemClock.epochMs();
    const { hasTable } = this.#parts;
    const known = hasTable ? this.#standingBans() : this.#waitingBans();
    const all = known.sort((a, b) => b.sinceEpochMs - a.sinceEpochMs);
    const start =
      after === undefined ? 0 : all.findIndex((ban) => ban.prefix === requirePrefix(after)) + 1;
    return all.slice(start, start + limit).map((ban) => banView(ban, now, hasTable));
  }

  async ban(request: BanRequest): Promise<OutcomeView> {
    this.#requireTable();
    const prefix = sourceOf(request.address, this.#parts.keys);
    const sinceEpochMs = systemClock.epochMs();
    const { for_seconds: seconds, reason } = request;
    const timeoutMs = seconds === undefined ? null : seconds * 1000;
    const [outcome] = this.#parts.executor.ban([{ prefix, timeoutMs }]);
    if (outcome === undefined) throw new Error("the executor gave no outcome");
    if (outcome.status === "applied") {
      this.#parts.withJournal((journal) =>
        journal.recordBan({
          prefix,
          sinceEpochMs,
          untilEpochMs: timeoutMs === null ? undefined : sinceEpochMs + timeoutMs,
          evidence: "claimed",
          origin: "operator",
          reason: reason ?? "by command",
          ruleId: undefined,
          campaignId: undefined,
          configRevision: "",
        }),
      );
    }
    return outcomeView(prefix, outcome);
  }

  async unban(address: string): Promise<OutcomeView> {
    const exact = requirePrefix(address);
    const bans = this.#parts.hasTable ? this.#standingBans() : this.#waitingBans();
    const isKnown = bans.some((ban) => ban.prefix === exact);
    return this.#unban(isKnown ? exact : sourceOf(address, this.#parts.keys));
  }

  async unbanAll(): Promise<number> {
    const outcomes = this.#standingBans().map((ban) => this.#unban(ban.prefix));
    const inKernel = outcomes.filter(({ status }) => status === "applied").length;
    const now = systemClock.epochMs();
    // What only the journal knows would come back with the next guard.
    const others = this.#parts.withJournal((journal) => {
      journal.expireBans(now);
      return journal.endAllBans("unbanned", now);
    });
    return inKernel + others;
  }

  async trusted(): Promise<TrustedView[]> {
    return this.#parts.trusted.entries.map(({ prefix, why }) => ({
      address: formatPrefix(prefix),
      why,
    }));
  }

  async trust(request: TrustRequest): Promise<OutcomeView> {
    const { places, hasTable } = this.#parts;
    const prefix = requirePrefix(request.address);
    const now = systemClock.epochMs();
    const until = request.for_seconds === undefined ? undefined : now + request.for_seconds * 1000;
    const comment = `by hand, ${new Date(now).toISOString()}`;
    const outcome = openTrustFile(places.stateDirectory).add(prefix, until, comment);
    if (outcome.status === "applied" && hasTable) {
      await this.#renewKernelTrust();
      this.#unban(prefix);
    }
    return outcomeView(prefix, outcome);
  }

  async untrust(address: string): Promise<OutcomeView> {
    const { places, hasTable } = this.#parts;
    const prefix = requirePrefix(address);
    const outcome = openTrustFile(places.stateDirectory).remove(prefix);
    await this.#parts.trust.refresh();
    if (outcome.status === "applied" && hasTable) this.#parts.trust.fill();
    const reason = this.#parts.trusted.check(prefix);
    // What is trusted for another reason stays so, and the reason says where to change that.
    return outcomeView(prefix, reason === undefined ? outcome : { status: "refused", reason });
  }

  async confirm(): Promise<OutcomeView> {
    throw new OperationalError("ERR_NO_GUARD", "no guard runs that waits for a confirmation");
  }

  async remove(): Promise<string[]> {
    const { places, nftables, hasTable } = this.#parts;
    if (findListenedGroup() !== undefined) {
      throw new OperationalError(
        "ERR_REFUSED",
        "a guard is running and would put it all back: stop it first (Ctrl-C where it runs, or SIGTERM)",
      );
    }
    const removed: string[] = [];
    if (hasTable) {
      nftables.run(`delete table ${TABLE}`);
      removed.push(`the table ${TABLE}, and every ban and hold in it`);
    }
    // Named one by one: a directory that was given by mistake keeps what is not ours.
    for (const path of [
      join(places.runDirectory, "api.sock"),
      join(places.stateDirectory, "journal"),
      join(places.stateDirectory, "trusted"),
    ]) {
      if (removeOurs(path)) removed.push(path);
    }
    removeIfEmpty(places.runDirectory);
    removeIfEmpty(places.stateDirectory);
    return removed;
  }

  close(): void {
    this.#parts.close();
  }

  #unban(prefix: Prefix): OutcomeView {
    const { executor, withJournal, hasTable } = this.#parts;
    const [outcome] = hasTable
      ? executor.unban([prefix])
      : [{ status: "already-applied" } as const];
    if (outcome === undefined) throw new Error("the executor gave no outcome");
    if (outcome.status === "refused" || outcome.status === "failed") {
      return outcomeView(prefix, outcome);
    }
    // A ban that only the journal knows would come back with the next guard: it is undone, too.
    const wasKnown = withJournal((journal) =>
      journal.endBan(prefix, "unbanned", systemClock.epochMs()),
    );
    return outcomeView(prefix, wasKnown ? { status: "applied" } : outcome);
  }

  /** What the kernel has, as the journal tells it where it knows it. */
  #standingBans(): Ban[] {
    const { nftables, hasTable, ipv6PrefixBits, withJournal } = this.#parts;
    if (!hasTable) return [];
    const now = systemClock.epochMs();
    return listBans(nftables, ipv6PrefixBits).map(({ prefix, expiresMs }) => {
      const untilEpochMs = expiresMs === undefined ? undefined : now + expiresMs;
      const known = withJournal((journal) => journal.findActiveBan(prefix));
      return known === undefined ? unknownBan(prefix, untilEpochMs) : { ...known, untilEpochMs };
    });
  }

  /** What it means that no guard runs. */
  #absence(): HealthProblem {
    const { hasTable } = this.#parts;
    const waiting = hasTable ? 0 : this.#waitingBans().length;
    const text = hasTable
      ? "No guard is running: nobody is judged; what an earlier one has put into the kernel stays."
      : `No guard is running and its table is gone: ${counted(waiting, "ban")} will come back with the next one.`;
    const action = hasTable
      ? "Start one with `vedette guard`, or take it all away with `vedette remove`."
      : "Start one with `vedette guard`.";
    return {
      code: "no-guard",
      severity: "warning",
      text,
      action,
      sinceEpochMs: systemClock.epochMs(),
    };
  }

  /** What the journal has and the kernel has not, because its table is gone. */
  #waitingBans(): Ban[] {
    return this.#parts.withJournal((journal) => {
      journal.expireBans(systemClock.epochMs());
      return [...journal.eachActiveBan(1000)].flat();
    });
  }

  async #renewKernelTrust(): Promise<void> {
    await this.#parts.trust.refresh();
    this.#parts.trust.fill();
  }

  #requireTable(): void {
    if (this.#parts.hasTable) return;
    throw new OperationalError(
      "ERR_NO_GUARD",
      "no guard runs and its table is not in the kernel: start one with `vedette guard`",
    );
  }
}

/** A ban that somebody else made in our sets, or whose journal is gone. */
function unknownBan(prefix: Prefix, untilEpochMs: number | undefined): Ban {
  return {
    prefix,
    sinceEpochMs: systemClock.epochMs(),
    untilEpochMs,
    evidence: "claimed",
    origin: "unknown",
    reason: "found in the kernel; the journal does not know it",
    ruleId: undefined,
    campaignId: undefined,
    configRevision: "",
  };
}

/** Removes one of ours. @returns whether it was there. */
function removeOurs(path: string): boolean {
  const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  rmSync(path, { recursive: true, force: true });
  return isThere;
}

/** Removes a directory when nothing of anybody else's is in it. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTEMPTY" && code !== "EBUSY") throw error;
  }
}
