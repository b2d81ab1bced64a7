/**
 * What people may ask when no guard runs, answered from the kernel's sets and the journal.
 *
 * The kernel is what is true: a ban that it does not have is not in force, whatever the journal
 * says; one that the journal does not know is listed as such. What a guard is refused is refused
 * here, by the same executor.
 */
import { join } from "node:path";
import type {
  BanRequest,
  BanView,
  OutcomeView,
  ReloadView,
  StatusView,
  TrustedView,
  TrustRequest,
} from "../api/contract.ts";
import type { OfflineOperator } from "../api/operator.ts";
import type { NftablesExecutor } from "../broker/executors/nftables.ts";
import type { LegacyBans } from "../broker/legacy-bans.ts";
import type { TrustKeeper } from "../broker/trust-keeper.ts";
import type { TrustedSet } from "../broker/trusted-set.ts";
import { systemClock } from "../clock.ts";
import { OperationalError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Nftables } from "../kernel/nftables.ts";
import type { Ban } from "../model/ban.ts";
import type { HealthProblem } from "../model/health.ts";
import type { Outcome } from "../model/order.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { VERSION } from "../version.ts";
import { requirePrefix, sourceOf } from "./addresses.ts";
import type { KernelBans } from "./kernel-bans.ts";
import { LEDGER_FILE } from "./legacy-parts.ts";
import { outcomeOfAll, requireNoFailures } from "./outcomes.ts";
import { type OfflinePlaces, removeFiles, removeTable, requireNoGuard } from "./removal.ts";
import { counted, statusSentence } from "./status-sentence.ts";
import { openTrustFile } from "./trust-sources.ts";
import { leftoverBan } from "./unknown-bans.ts";
import { banView, healthView, outcomeView } from "./views.ts";

export interface KernelOperatorParts {
  readonly places: OfflinePlaces;
  readonly nftables: Nftables;
  /** Whether the table stands. */
  readonly hasTable: boolean;
  readonly keys: SourceKeys;
  readonly trusted: TrustedSet;
  readonly executor: NftablesExecutor;
  readonly trust: TrustKeeper;
  readonly bans: KernelBans;
  /** undefined: no key of PortSentry's asks for anything, and nothing is left from before. */
  readonly legacy: LegacyBans | undefined;
  /** Calls with the journal, with the rights of its owner. */
  readonly withJournal: <Result>(act: (journal: Journal) => Result) => Result;
  /** Why it is not known which files the guard went by; undefined when it is. */
  readonly blindness: string | undefined;
  /** What is wrong with what was read of trust; empty when all is well. */
  readonly faults: () => readonly string[];
  readonly close: () => Promise<void>;
}

export class KernelOperator implements OfflineOperator {
  readonly #parts: KernelOperatorParts;

  constructor(parts: KernelOperatorParts) {
    this.#parts = parts;
  }

  async status(): Promise<StatusView> {
    const { trusted, bans, executor, legacy } = this.#parts;
    const byOthers = (legacy?.prefixes ?? []).filter((prefix) => !bans.isInKernel(prefix));
    const { held, counters } = executor.measure();
    const status: Omit<StatusView, "sentence"> = {
      version: VERSION,
      state: "absent",
      mode: { tcp: "", udp: "" },
      since: null,
      probes: 0,
      verdicts: 0,
      lost: 0,
      unlogged: counters.unlogged,
      malformed: 0,
      held,
      holds: counters.holds,
      banned: bans.count() + byOthers.length,
      tracked: 0,
      trusted: trusted.entries.length,
      trusted_saves: counters.trusted,
      dropped: counters.refused + counters.shutOut,
      full: counters.full,
      journal_failures: 0,
      table: "nft list table inet vedette",
      config_revision: "",
      confirm_by: null,
      health: [this.#absence(), ...this.#trustProblems()].map(healthView),
    };
    return { ...status, sentence: statusSentence(status, undefined) };
  }

  async bans(limit: number, after: string | undefined): Promise<BanView[]> {
    const { bans, hasTable } = this.#parts;
    const following = after === undefined ? undefined : requirePrefix(after);
    const page = bans.page(limit, following);
    const isKnown = following === undefined || page.length > 0 || bans.has(following);
    const room = limit - page.length;
    const left = room === 0 ? [] : await this.#leftovers(isKnown ? undefined : following);
    const now = systemClock.epochMs();
    return [
      ...page.map((ban) => banView(ban, now, hasTable || isByOthers(ban))),
      ...left.slice(0, room).map((ban) => banView(ban, now)),
    ];
  }

  async ban(request: BanRequest): Promise<OutcomeView> {
    this.#requireTable();
    const prefix = sourceOf(request.address, this.#parts.keys);
    const blindness = this.#whyBlind();
    if (blindness !== undefined) return outcomeView(prefix, blindness);
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
          means: ["nftables"],
          configRevision: "",
        }),
      );
    }
    return this.#noted(prefix, outcome);
  }

  async unban(address: string): Promise<OutcomeView> {
    const { bans, keys } = this.#parts;
    const exact = requirePrefix(address);
    const prefix = bans.has(exact) ? exact : sourceOf(address, keys);
    return outcomeView(prefix, await this.#unban(prefix));
  }

  async unbanAll(): Promise<number> {
    const { bans, legacy } = this.#parts;
    const left = (await this.#leftovers(undefined)).map(({ prefix }) => prefix);
    const undone = (await legacy?.undo(left, { withLeftovers: true })) ?? [];
    const failures = undone.flatMap(({ outcome }, index) =>
      "reason" in outcome ? [`${formatPrefix(left[index] as Prefix)}: ${outcome.reason}`] : [],
    );
    const letIn = undone.filter(({ outcome }) => outcome.status === "applied").length;
    failures.push(...((await legacy?.undoAll()) ?? []));
    await legacy?.adoptBlocked();
    // Of whom something still stands, the ledger and so the list of bans go on knowing.
    const ended = letIn + bans.unbanAll();
    requireNoFailures(failures, ended);
    return ended;
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
    const blindness = this.#whyBlind();
    if (hasTable && blindness !== undefined) return outcomeView(prefix, blindness);
    const now = systemClock.epochMs();
    const until = request.for_seconds === undefined ? undefined : now + request.for_seconds * 1000;
    const comment = `by hand, ${new Date(now).toISOString()}`;
    const outcome = openTrustFile(places.stateDirectory).add(prefix, until, comment);
    if (outcome.status === "applied" && hasTable) {
      await this.#renewKernelTrust();
      await this.#unban(prefix);
    }
    return this.#noted(prefix, outcome);
  }

  async untrust(address: string): Promise<OutcomeView> {
    const { places, hasTable, trusted, trust } = this.#parts;
    const prefix = requirePrefix(address);
    const blindness = this.#whyBlind();
    if (hasTable && blindness !== undefined) return outcomeView(prefix, blindness);
    const outcome = openTrustFile(places.stateDirectory).remove(prefix);
    if (outcome.status === "applied" && hasTable) await this.#renewKernelTrust();
    else await trust.refresh();
    const reason = trusted.check(prefix);
    // What is trusted for another reason stays so, and the reason says where to change that.
    return this.#noted(prefix, reason === undefined ? outcome : { status: "refused", reason });
  }

  async confirm(): Promise<OutcomeView> {
    throw new OperationalError("ERR_NO_GUARD", "no guard runs that waits for a confirmation");
  }

  async reload(): Promise<ReloadView> {
    throw new OperationalError(
      "ERR_NO_GUARD",
      "no guard runs that could reload; the next one reads the configuration when it starts",
    );
  }

  async remove(): Promise<string[]> {
    const { places, nftables, hasTable, withJournal } = this.#parts;
    requireNoGuard(places);
    const failures = (await this.#parts.legacy?.undoAll()) ?? [];
    if (failures.length > 0) throw stillStanding(failures, places);
    // Closed before its files go, or it would write to what nobody can find.
    withJournal((journal) => journal.close());
    return [...(hasTable ? [removeTable(nftables)] : []), ...removeFiles(places)];
  }

  async close(): Promise<void> {
    await this.#parts.close();
  }

  /** Everything that was done to `prefix`, and what an earlier PortSentry has left of it. */
  async #unban(prefix: Prefix): Promise<Outcome> {
    const { bans, legacy } = this.#parts;
    const undone = (await legacy?.undo([prefix], { withLeftovers: true })) ?? [];
    await legacy?.adoptBlocked();
    const outcomes = undone.map(({ outcome }) => outcome);
    // The journal keeps a ban of which something still stands.
    if (outcomes.some(({ status }) => status === "failed")) return outcomeOfAll(outcomes, "unban");
    return outcomeOfAll([...outcomes, bans.unban(prefix)], "unban");
  }

  /** As they are listed behind all others; those behind `behind`, or all. */
  async #leftovers(behind: Prefix | undefined): Promise<Ban[]> {
    const { bans, legacy } = this.#parts;
    return ((await legacy?.leftovers()) ?? [])
      .filter(({ prefix }) => !bans.has(prefix) && (behind === undefined || prefix > behind))
      .sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
      .map((standing) => leftoverBan(standing, systemClock.epochMs()));
  }

  /**
   * Without the guard's own ignore file nobody can be told apart: a ban might hit who is in it, and
   * trust that is written into the kernel would be without him.
   * @returns undefined when all that is vital was read.
   */
  #whyBlind(): Extract<Outcome, { readonly status: "refused" }> | undefined {
    const reason = this.#parts.blindness ?? this.#parts.trusted.blindness;
    return reason === undefined ? undefined : { status: "refused", reason };
  }

  /** With what was wrong meanwhile, which the outcome alone would not tell. */
  #noted(prefix: Prefix, outcome: Outcome): OutcomeView {
    const faults = this.#parts.faults();
    const view = outcomeView(prefix, outcome);
    return faults.length === 0 ? view : { ...view, note: faults.join("; ") };
  }

  /** What it means that no guard runs. */
  #absence(): HealthProblem {
    const { hasTable, bans } = this.#parts;
    const text = hasTable
      ? "No guard is running: nobody is judged; what an earlier one has put into the kernel stays."
      : `No guard is running and its table is gone: ${counted(bans.countWaiting(), "ban")} will come back with the next one.`;
    const action = hasTable
      ? "Start one with `vedette guard`, or take it all away with `vedette remove`."
      : "Start one with `vedette guard`.";
    return problem("no-guard", text, action);
  }

  #trustProblems(): HealthProblem[] {
    const { blindness, faults } = this.#parts;
    const all = [...(blindness === undefined ? [] : [blindness]), ...faults()];
    if (all.length === 0) return [];
    const action =
      this.#whyBlind() === undefined
        ? "Mend it: whoever is named there may not be trusted."
        : "Mend it: until then ban, trust and untrust are refused without a guard.";
    return [problem("trust-unreadable", `${all.join("; ")}.`, action)];
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

function stillStanding(failures: readonly string[], { stateDirectory }: OfflinePlaces) {
  const ledger = join(stateDirectory, LEDGER_FILE);
  return new OperationalError(
    "ERR_KERNEL",
    `nothing more was removed, because this still stands:\n${failures.join("\n")}\n` +
      `Take it back by hand, delete ${ledger}, and run it again.`,
  );
}

/** What PortSentry's responses have done stands without the kernel's table. */
function isByOthers({ means }: Ban): boolean {
  return means.some((each) => each !== "nftables");
}

function problem(code: HealthProblem["code"], text: string, action: string): HealthProblem {
  return { code, severity: "warning", text, action, sinceEpochMs: systemClock.epochMs() };
}
