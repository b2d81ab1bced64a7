/**
 * What people may ask when no guard runs, answered from the kernel's sets and the journal.
 *
 * The kernel is what is true: a ban that it does not have is not in force, whatever the journal
 * says; one that the journal does not know is listed as such. What a guard is refused is refused
 * here, by the same executor.
 */
import { join } from "node:path";
import {
  type BanRequest,
  type BanView,
  type BlocklistedView,
  MOST_UNBANNED_NAMED,
  type OutcomeView,
  type ReloadView,
  type StatusView,
  type TrustedView,
  type TrustRequest,
  type UnbannedView,
} from "../api/contract.ts";
import type { OfflineOperator, StoryReader } from "../api/operator.ts";
import type { NftablesExecutor } from "../broker/executors/nftables.ts";
import type { TrustKeeper } from "../broker/trust-keeper.ts";
import type { TrustedSet } from "../broker/trusted-set.ts";
import { systemClock } from "../clock.ts";
import { counted } from "../counted.ts";
import { OperationalError } from "../errors.ts";
import type { Nftables } from "../kernel/nftables.ts";
import type { HealthProblem } from "../model/health.ts";
import { isDone, type Outcome } from "../model/order.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { VERSION } from "../version.ts";
import { requirePrefix, sourceOf } from "./addresses.ts";
import { requireStateDirectory } from "./directories.ts";
import type { KernelBans } from "./kernel-bans.ts";
import { LEDGER_FILE } from "./legacy-parts.ts";
import type { OfflineBans } from "./offline-bans.ts";
import type { OfflineJournal } from "./offline-journal.ts";
import {
  type OfflinePlaces,
  removeRunFiles,
  removeState,
  removeTable,
  requireNoGuard,
} from "./removal.ts";
import { statusSentence } from "./status-sentence.ts";
import { findListenedGroup } from "./table-keeper.ts";
import { openTrustFile } from "./trust-sources.ts";
import { healthView, outcomeView } from "./views.ts";

export interface KernelOperatorParts {
  readonly places: OfflinePlaces;
  readonly nftables: Nftables;
  /** Whether the table stands. */
  readonly hasTable: boolean;
  readonly keys: SourceKeys;
  readonly trusted: TrustedSet;
  readonly executor: NftablesExecutor;
  readonly trust: TrustKeeper;
  readonly bans: OfflineBans;
  readonly kernel: KernelBans;
  readonly journal: OfflineJournal;
  readonly stories: StoryReader & { readonly problems: () => HealthProblem[] };
  /** Why it is not known which files the guard went by; undefined when it is. */
  readonly blindness: string | undefined;
  /** What is wrong with what was read of trust; empty when all is well. */
  readonly faults: () => readonly string[];
  /** What else is wrong, of PortSentry's responses and their ledger. */
  readonly problems: () => readonly HealthProblem[];
  readonly close: () => Promise<void>;
}

export class KernelOperator implements OfflineOperator {
  readonly stories: StoryReader;
  readonly #parts: KernelOperatorParts;

  constructor(parts: KernelOperatorParts) {
    this.stories = parts.stories;
    this.#parts = parts;
  }

  hasGuard(): boolean {
    return findListenedGroup() !== undefined;
  }

  async status(): Promise<StatusView> {
    const { trusted, bans, executor } = this.#parts;
    const { held, counters } = executor.measure();
    const status: Omit<StatusView, "sentence"> = {
      version: VERSION,
      state: "absent",
      mode: { tcp: "", udp: "" },
      since: null,
      probes: 0,
      verdicts: 0,
      campaigns: 0,
      lost: 0,
      unlogged: counters.unlogged,
      malformed: 0,
      held,
      holds: counters.holds,
      banned: bans.count(),
      tracked: 0,
      trusted: trusted.entries.length,
      trusted_saves: counters.trusted,
      dropped: counters.refused + counters.shutOut,
      full: counters.full,
      challenges: null,
      phantom: null,
      blocklists: null,
      journal_failures: 0,
      table: "nft list table inet vedette",
      config_revision: "",
      confirm_by: null,
      health: this.#problems().map(healthView),
    };
    return { ...status, sentence: statusSentence(status, undefined) };
  }

  async bans(limit: number, after: string | undefined): Promise<BanView[]> {
    const following = after === undefined ? undefined : requirePrefix(after);
    return this.#parts.bans.page(limit, following);
  }

  async ban(request: BanRequest): Promise<OutcomeView> {
    this.#requireTable();
    const prefix = sourceOf(request.address, this.#parts.keys);
    const blindness = this.#whyBlind();
    if (blindness !== undefined) return outcomeView(prefix, blindness);
    const sinceEpochMs = systemClock.epochMs();
    const { for_seconds: seconds, reason } = request;
    const timeoutMs = seconds === undefined ? null : seconds * 1000;
    this.#parts.journal.prepareToChange();
    const [outcome] = this.#parts.executor.ban([{ prefix, timeoutMs }]);
    if (outcome === undefined) throw new Error("the executor gave no outcome");
    if (outcome.status === "applied") {
      this.#parts.journal.use((journal) =>
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
      this.#parts.journal.requireWritten(
        `${formatPrefix(prefix)} is banned`,
        "it ends with the table, as at a restart of the machine, and its reason is lost",
      );
    }
    return this.#noted(prefix, outcome);
  }

  async unban(address: string): Promise<OutcomeView> {
    const { bans, keys } = this.#parts;
    const exact = requirePrefix(address);
    this.#parts.journal.prepareToChange();
    const prefix = bans.has(exact) ? exact : sourceOf(address, keys);
    const outcome = await bans.unban(prefix);
    if (isDone(outcome)) {
      this.#parts.journal.requireWritten(
        `the ban of ${formatPrefix(prefix)} is in force no more`,
        "the next guard brings it back, unless that is mended and it is unbanned again before",
      );
    }
    return outcomeView(prefix, outcome);
  }

  async unbanAll(): Promise<UnbannedView> {
    const listed = await this.bans(MOST_UNBANNED_NAMED, undefined);
    this.#parts.journal.prepareToChange();
    const ended = await this.#parts.bans.unbanAll();
    this.#parts.journal.requireWritten(
      `${counted(ended, "ban")} ended and no ban is in force`,
      "the next guard brings them back, unless that is mended and all are unbanned again before",
    );
    const addresses = ended === 0 ? [] : listed.map(({ address }) => address);
    return { unbanned: ended, addresses };
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
    requireStateDirectory(places.stateDirectory);
    const outcome = openTrustFile(places.stateDirectory).add(prefix, until, comment);
    requireFile(outcome, `${formatPrefix(prefix)} is not trusted`);
    if (outcome.status === "applied" && hasTable) {
      await this.#renewKernelTrust();
      this.#parts.journal.prepareToChange();
      await this.#parts.bans.unban(prefix);
    }
    return this.#noted(prefix, outcome);
  }

  async untrust(address: string): Promise<OutcomeView> {
    const { places, hasTable, trusted, trust } = this.#parts;
    const prefix = requirePrefix(address);
    const blindness = this.#whyBlind();
    if (hasTable && blindness !== undefined) return outcomeView(prefix, blindness);
    const outcome = openTrustFile(places.stateDirectory).remove(prefix);
    requireFile(outcome, `${formatPrefix(prefix)} is still trusted`);
    if (outcome.status === "applied" && hasTable) await this.#renewKernelTrust();
    else await trust.refresh();
    const reason = trusted.check(prefix);
    // What is trusted for another reason stays so, and the reason says where to change that.
    return this.#noted(
      prefix,
      reason === undefined
        ? outcome
        : { status: "refused", reason: reason.replace(/^trusted: /, "") },
    );
  }

  async blocklisted(): Promise<BlocklistedView[]> {
    return [];
  }

  async confirm(): Promise<OutcomeView> {
    throw new OperationalError("ERR_NO_GUARD", "no guard runs that waits for a confirmation");
  }

  async apply(): Promise<ReloadView> {
    throw new OperationalError(
      "ERR_NO_GUARD",
      "no guard runs that could try a configuration out: look at it with vedette config check",
    );
  }

  async reload(): Promise<ReloadView> {
    throw new OperationalError(
      "ERR_NO_GUARD",
      "no guard runs that could reload; the next one reads the configuration when it starts",
    );
  }

  async remove(leaving: "nothing" | "state"): Promise<string[]> {
    const { places, nftables, hasTable, journal, kernel } = this.#parts;
    requireNoGuard(places);
    if (leaving === "state") journal.keep(kernel.unknown());
    const failures = await this.#parts.bans.undoResponses();
    if (failures.length > 0) throw stillStanding(failures, places);
    // Closed before its files go, or it would write to what nobody can find.
    if (leaving === "nothing") journal.discard();
    else journal.use((each) => each.close());
    const removed = hasTable ? [removeTable(nftables)] : [];
    return [
      ...removed,
      ...removeRunFiles(places),
      ...(leaving === "nothing" ? removeState(places) : []),
    ];
  }

  async close(): Promise<void> {
    await this.#parts.close();
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
    const { faults, problems } = this.#parts;
    const all = [...faults(), ...problems().map(({ text }) => text.replace(/\.$/, ""))];
    const view = outcomeView(prefix, outcome);
    return all.length === 0 ? view : { ...view, note: all.join("; ") };
  }

  #problems(): HealthProblem[] {
    const { problems, journal, stories } = this.#parts;
    return [
      this.#absence(),
      ...this.#trustProblems(),
      ...problems(),
      ...journal.problems(),
      ...stories.problems(),
    ];
  }

  /** What it means that no guard runs. */
  #absence(): HealthProblem {
    const { hasTable, kernel } = this.#parts;
    const waiting = kernel.countWaiting();
    const absent =
      waiting === 0
        ? "No guard is running, no table of one is in the kernel, and no ban waits for one."
        : `No guard is running and its table is gone: ${counted(waiting, "ban")} will come back with the next one.`;
    const text = hasTable
      ? "No guard is running: nobody is judged; what an earlier one has put into the kernel stays."
      : absent;
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

/** @throws {OperationalError} ERR_JOURNAL when the file was not changed. */
function requireFile(outcome: Outcome, standing: string): void {
  if (outcome.status !== "failed") return;
  throw new OperationalError("ERR_JOURNAL", `${standing}: ${outcome.reason}`);
}

function stillStanding(failures: readonly string[], { stateDirectory }: OfflinePlaces) {
  const ledger = join(stateDirectory, LEDGER_FILE);
  return new OperationalError(
    "ERR_KERNEL",
    `nothing more was removed, because this still stands:\n${failures.join("\n")}\n` +
      `Take it back by hand, delete ${ledger}, and run it again.`,
  );
}

function problem(code: HealthProblem["code"], text: string, action: string): HealthProblem {
  return { code, severity: "warning", text, action, sinceEpochMs: systemClock.epochMs() };
}
