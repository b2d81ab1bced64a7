/** What people may ask of a running guard, answered from its stages and its broker. */
import {
  type ApplyRequest,
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
import type { BanList, BanListRequest, ServedOperator, StoryReader } from "../api/operator.ts";
import type { BrokerClient } from "../broker/client.ts";
import type { Facts, HandedSettings } from "../broker/protocol.ts";
import type { Clock } from "../clock.ts";
import { counted } from "../counted.ts";
import type { Campaigns } from "../detectors/campaigns.ts";
import type { Detector } from "../detectors/detector.ts";
import type { Journal } from "../journal/journal.ts";
import type { Stories } from "../journal/stories.ts";
import type { Ban } from "../model/ban.ts";
import type { HealthProblem } from "../model/health.ts";
import { isDone } from "../model/order.ts";
import { formatPrefix, hostPrefixOf, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { Challenge } from "../proof/challenge.ts";
import type { Phantom } from "../proof/phantom.ts";
import type { Sensor, SensorCounts } from "../sensors/sensor.ts";
import { VERSION } from "../version.ts";
import { requireAddress, requirePrefix, sourceOf } from "./addresses.ts";
import { afterUnban } from "./aftermath.ts";
import { BanLists } from "./ban-list.ts";
import { blocklistedBy } from "./blocklisted.ts";
import type { Events } from "./events.ts";
import type { PlacedFields } from "./geo-lookup.ts";
import { outcomeOfAll, requireNoFailures } from "./outcomes.ts";
import type { Pipeline } from "./pipeline.ts";
import { statusSentence } from "./status-sentence.ts";
import { leftoverBans } from "./unknown-bans.ts";
import { banView, healthView, isoTime, outcomeView, reloadView } from "./views.ts";

/** Bans undone in one step of `unban --all`, so that others get their turn in between. */
const UNBAN_BATCH = 500;

const UNWRITTEN =
  "the ban is in force, and the journal could not be written: see journal-failed in vedette status";

/** Of one that a restart would make again. */
const UNBAN_UNWRITTEN =
  "the ban is ended, and the journal could not be written: unless that is mended before the next " +
  "start, it comes back with it (journal-failed in vedette status)";

export interface RunningParts {
  readonly broker: BrokerClient;
  readonly pipeline: Pipeline;
  readonly sensors: readonly Sensor[];
  readonly campaigns: Pick<Campaigns, "open" | "settle" | "forget">;
  readonly detector: Detector;
  /** undefined: nobody is asked whether it is there. */
  readonly challenge: Pick<Challenge, "counts"> | undefined;
  /** undefined: no port looks open. */
  readonly phantom: Pick<Phantom, "counts"> | undefined;
  readonly journal: Journal;
  readonly history: Pick<Stories, "failures">;
  readonly stories: StoryReader;
  /** Where a source belongs. */
  readonly placeOf: (source: Prefix) => PlacedFields;
  readonly keys: SourceKeys;
  /** The configuration in force. */
  readonly settings: () => HandedSettings;
  readonly clock: Clock;
  readonly problems: () => HealthProblem[];
  readonly facts: () => Facts;
  readonly confirmByEpochMs: () => number | undefined;
  readonly watchOnly: string | undefined;
  /** Whether there is a table to look at. */
  readonly hasTable: boolean;
  readonly events: Events;
}

/** What came of letting several in. */
interface Unbanned {
  readonly letIn: readonly Prefix[];
  /** "192.0.2.7: no such set", one for each that is still shut out. */
  readonly failures: string[];
}

export class RunningOperator implements ServedOperator {
  readonly stories: StoryReader;
  readonly #parts: RunningParts;
  readonly #lists: BanLists;
  readonly #sinceEpochMs: number;

  constructor(parts: RunningParts) {
    this.stories = parts.stories;
    this.#parts = parts;
    this.#lists = new BanLists(parts.journal);
    this.#sinceEpochMs = parts.clock.epochMs();
  }

  async status(): Promise<StatusView> {
    const { broker, journal, history, campaigns, detector, sensors, watchOnly } = this.#parts;
    const { counters, held } = await broker.measure();
    const sensed = sum(sensors.map((sensor) => sensor.counts()));
    const confirmBy = this.#parts.confirmByEpochMs();
    const facts = this.#parts.facts();
    const { settings, configRevision } = this.#parts.settings();
    const status = {
      version: VERSION,
      state: watchOnly === undefined ? "guarding" : "watching",
      mode: { tcp: settings["TCP_MODE"] ?? "", udp: settings["UDP_MODE"] ?? "" },
      since: isoTime(this.#sinceEpochMs),
      probes: sensed.probes,
      verdicts: this.#parts.pipeline.verdicts,
      campaigns: campaigns.open,
      lost: sensed.lost,
      unlogged: counters.unlogged,
      malformed: sensed.malformed,
      held,
      holds: counters.holds,
      banned: journal.countActiveBans(),
      tracked: detector.tracked,
      trusted: facts.trusted.length,
      trusted_saves: counters.trusted,
      dropped: counters.refused + counters.shutOut,
      full: counters.full,
      challenges: this.#parts.challenge?.counts() ?? null,
      phantom: settings["PHANTOM"] === "off" ? null : (this.#parts.phantom?.counts() ?? null),
      blocklists: await broker.blocklists(),
      journal_failures: journal.failures + history.failures,
      table: this.#parts.hasTable ? "nft list table inet vedette" : "",
      config_revision: configRevision,
      confirm_by: confirmBy === undefined ? null : isoTime(confirmBy),
      health: this.#parts.problems().map(healthView),
    } as const;
    return { ...status, sentence: statusSentence(status, watchOnly) };
  }

  async bans(limit: number, after: string | undefined): Promise<BanView[]> {
    const { journal, clock } = this.#parts;
    const following = after === undefined ? undefined : requirePrefix(after);
    const known = journal.activeBans(limit, following);
    const isKnown =
      following === undefined || known.length > 0 || journal.findActiveBan(following) !== undefined;
    const room = limit - known.length;
    const left = room === 0 ? [] : await this.#leftovers(isKnown ? undefined : following);
    return [...known, ...left.slice(0, room)].map((ban) => ({
      ...banView(ban, clock.epochMs()),
      ...this.#parts.placeOf(ban.prefix),
    }));
  }

  banList(request: BanListRequest): Promise<BanList> {
    return this.#lists.list(request);
  }

  async ban(request: BanRequest): Promise<OutcomeView> {
    const { clock, pipeline } = this.#parts;
    const { configRevision } = this.#parts.settings();
    const prefix = sourceOf(request.address, this.#parts.keys);
    const sinceEpochMs = clock.epochMs();
    const { for_seconds: seconds, reason } = request;
    const outcome = await pipeline.carryOut({
      act: "ban",
      ban: {
        prefix,
        sinceEpochMs,
        untilEpochMs: seconds === undefined ? undefined : sinceEpochMs + seconds * 1000,
        evidence: "claimed",
        origin: "operator",
        reason: reason ?? "by command",
        ruleId: undefined,
        campaignId: undefined,
        means: [],
        configRevision,
      },
      cause: undefined,
    });
    const view = outcomeView(prefix, outcome);
    if (!isDone(outcome) || this.#parts.journal.isKept(prefix)) return view;
    return { ...view, note: UNWRITTEN };
  }

  async unban(address: string): Promise<OutcomeView> {
    const { journal, pipeline } = this.#parts;
    const exact = requirePrefix(address);
    const prefix =
      journal.findActiveBan(exact) === undefined ? sourceOf(address, this.#parts.keys) : exact;
    const outcome = await pipeline.carryOut({ act: "unban", prefix, by: "operator" });
    const view = outcomeView(prefix, outcome);
    if (outcome.status !== "applied" || journal.isKept(prefix)) return view;
    return { ...view, note: UNBAN_UNWRITTEN };
  }

  async unbanAll(): Promise<UnbannedView> {
    const { journal, pipeline, events } = this.#parts;
    const { letIn, failures } = await this.#undoLost();
    let ended = letIn.length;
    const named = letIn.slice(0, MOST_UNBANNED_NAMED);
    let last: Prefix | undefined;
    for (;;) {
      const prefixes = journal.activeBans(UNBAN_BATCH, last).map((ban) => ban.prefix);
      if (prefixes.length === 0) break;
      last = prefixes.at(-1);
      const batch = await pipeline.unbanTogether(prefixes, () => this.#unbanBatch(prefixes));
      failures.push(...batch.failures);
      ended += batch.letIn.length;
      named.push(...batch.letIn.slice(0, MOST_UNBANNED_NAMED - named.length));
    }
    events.note("notice", "unban-all", `unban    all: ${counted(ended, "ban")}`);
    requireNoFailures(failures, ended);
    return { unbanned: ended, addresses: named.map(formatPrefix) };
  }

  async #unbanBatch(prefixes: readonly Prefix[]): Promise<Unbanned> {
    const { broker } = this.#parts;
    const unbanned = await broker.unban(prefixes);
    const undone = await broker.undo(prefixes, false);
    const letIn: Prefix[] = [];
    const failures = prefixes.flatMap((prefix, index) => {
      const outcomes = [unbanned[index], undone[index]?.outcome];
      const outcome = outcomeOfAll(
        outcomes.filter((each) => each !== undefined),
        "unban",
      );
      if ("reason" in outcome) return [`${formatPrefix(prefix)}: ${outcome.reason}`];
      afterUnban(this.#parts, prefix, outcome);
      this.#parts.campaigns.forget(prefix);
      letIn.push(prefix);
      return [];
    });
    return { letIn, failures };
  }

  /** What an earlier PortSentry has left, in the order of its text, behind `behind` or all. */
  async #leftovers(behind: Prefix | undefined): Promise<Ban[]> {
    const { broker, journal, clock } = this.#parts;
    const isKnown = (prefix: Prefix) => journal.findActiveBan(prefix) !== undefined;
    return leftoverBans(await broker.leftovers(), isKnown, behind, clock.epochMs());
  }

  /** What somebody else may have made is ended by name alone. */
  async #undoLost(): Promise<Unbanned> {
    const { broker, journal } = this.#parts;
    const prefixes = (await broker.leftovers())
      .filter(({ prefix, isOurs }) => isOurs && journal.findActiveBan(prefix) === undefined)
      .map(({ prefix }) => prefix);
    const undone = await broker.undo(prefixes, false);
    const failures = undone.flatMap(({ outcome }, index) =>
      "reason" in outcome ? [`${formatPrefix(prefixes[index] as Prefix)}: ${outcome.reason}`] : [],
    );
    const letIn = prefixes.filter((_, index) => undone[index]?.outcome.status === "applied");
    return { letIn, failures };
  }

  async trusted(): Promise<TrustedView[]> {
    const { trusted } = this.#parts.facts();
    return trusted.map(({ prefix, why }) => ({ address: formatPrefix(prefix), why }));
  }

  async trust(request: TrustRequest): Promise<OutcomeView> {
    const { broker, pipeline, journal } = this.#parts;
    const prefix = requirePrefix(request.address);
    const seconds = request.for_seconds;
    const outcome = await broker.trust(prefix, seconds === undefined ? null : seconds * 1000);
    if (outcome.status === "applied") this.#parts.events.trust(prefix);
    // Whoever is trusted from now on is not kept out by what was thought of it before.
    if (outcome.status === "applied" && journal.findActiveBan(prefix) !== undefined) {
      await pipeline.carryOut({ act: "unban", prefix, by: "operator" });
    }
    return outcomeView(prefix, outcome);
  }

  async blocklisted(address: string): Promise<BlocklistedView[]> {
    return blocklistedBy(this.#parts.broker, hostPrefixOf(requireAddress(address)));
  }

  async confirm(): Promise<OutcomeView> {
    if (this.#parts.confirmByEpochMs() === undefined) {
      return { address: "", status: "already-applied" };
    }
    return { address: "", ...(await this.#parts.broker.confirm()) };
  }

  async reload(): Promise<ReloadView> {
    return reloadView(await this.#parts.broker.reload());
  }

  async apply(request: ApplyRequest): Promise<ReloadView> {
    return reloadView(await this.#parts.broker.apply(request.confirm_seconds * 1000));
  }
}

function sum(counts: readonly SensorCounts[]): SensorCounts {
  return counts.reduce(
    (total, one) => ({
      probes: total.probes + one.probes,
      lost: total.lost + one.lost,
      malformed: total.malformed + one.malformed,
    }),
    { probes: 0, lost: 0, malformed: 0 },
  );
}
