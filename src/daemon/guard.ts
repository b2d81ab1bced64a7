/**
 * The unprivileged half of the sentry, put together from the broker's greeting: journal, detector,
 * policy, sensors, API. It restores the bans of earlier runs, says `ready`, and only then listens.
 */
import type { BrokerClient } from "../broker/client.ts";
import type { BrokerEvent, Facts, HandedSettings } from "../broker/protocol.ts";
import { systemClock } from "../clock.ts";
import { loadConfigurationTexts } from "../config/load.ts";
import { counted } from "../counted.ts";
import type { Campaigns } from "../detectors/campaigns.ts";
import { SequentialDetector } from "../detectors/sequential.ts";
import { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import { GuardMetrics } from "../metrics/guard-metrics.ts";
import type { DroppedPacket } from "../model/dropped-packet.ts";
import type { HealthProblem } from "../model/health.ts";
import type { TrustedEntry } from "../model/trusted-entry.ts";
import { SourceKeys } from "../net/source-keys.ts";
import type { Policy } from "../policy/policy.ts";
import { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { Activity } from "./activity.ts";
import { DropReports } from "./drop-reports.ts";
import { EventsSlot } from "./events-slot.ts";
import { GeoLookup } from "./geo-lookup.ts";
import { GuardAlerts } from "./guard-alerts.ts";
import { GuardApi } from "./guard-api.ts";
import { type GuardJournal, journalDirectoryOf, openGuardJournal } from "./guard-journal.ts";
import { operatorOf } from "./guard-operator.ts";
import {
  type ConfiguredDetector,
  campaignOptionsOf,
  campaignsOf,
  detectorOf,
  type Hello,
  keepsOf,
  policyOf,
  policyOptionsOf,
  reconfigureDetector,
  respondersOf,
  sensorsOf,
  sessionsOf,
} from "./guard-stages.ts";
import { GuardUpkeep } from "./guard-upkeep.ts";
import { GuardWords } from "./guard-words.ts";
import { liveStories } from "./live-stories.ts";
import { watchMemory } from "./memory-watch.ts";
import { Pipeline } from "./pipeline.ts";
import { Provers } from "./provers.ts";
import { recoverBans } from "./recovered-bans.ts";
import { bansReleased, restoreBans } from "./remembered-bans.ts";
import { SourceCounts } from "./source-counts.ts";
import { SourcesMemory } from "./sources-memory.ts";

/** Orders that may wait for the broker besides those that wait in its queue of hooks. */
const MAX_QUICK_ORDERS = 1000;

/** What a guard has from its process. */
export interface GuardSurroundings {
  /** One program in the system's log, whichever process speaks. */
  readonly brokerPid: number;
  /** The broker has answered: both processes get on. Called every second, at start now and then. */
  readonly onProgress: () => void;
}

/** The stages and what they share, from the broker's greeting to the last probe. */
export class Guard {
  readonly #hello: Hello;
  readonly #broker: BrokerClient;
  readonly #onProgress: () => void;
  readonly #events: EventsSlot;
  readonly #health: HealthTracker;
  readonly #words: GuardWords;
  readonly #keys: SourceKeys;
  readonly #trusted = new TrustedPrefixes();
  readonly #journal: Journal;
  readonly #memories: GuardJournal;
  readonly #sensors: readonly Sensor[];
  readonly #detector: ConfiguredDetector;
  readonly #campaigns: Campaigns;
  readonly #memory: SourcesMemory | undefined;
  readonly #provers: Provers;
  readonly #policy: Policy;
  readonly #pipeline: Pipeline;
  readonly #upkeep: GuardUpkeep;
  readonly #api: GuardApi;
  readonly #alerts: GuardAlerts;
  readonly #geo: GeoLookup;
  #facts: Facts;
  #settings: HandedSettings;
  #brokerProblems: readonly HealthProblem[] = [];
  #confirmByEpochMs: number | undefined;

  constructor(hello: Hello, broker: BrokerClient, { brokerPid, onProgress }: GuardSurroundings) {
    this.#hello = hello;
    this.#broker = broker;
    this.#onProgress = onProgress;
    this.#confirmByEpochMs = hello.confirmByEpochMs;
    this.#facts = hello.facts;
    this.#settings = hello;
    const values = loadConfigurationTexts(hello.settings);
    this.#keys = new SourceKeys({ ipv6PrefixBits: values.IPV6_PREFIX });
    this.#health = new HealthTracker(
      () => systemClock.epochMs(),
      (problem, change) => this.#events.health(problem, change),
    );
    const sessions = sessionsOf(hello.sockets, this.#health);
    this.#detector = detectorOf(values, this.#keys, sessions);
    this.#words = new GuardWords({
      hello,
      broker,
      detector: this.#detector,
      keys: this.#keys,
      trusted: this.#trusted,
      isBanned: (source) => this.#journal.findActiveBan(source) !== undefined,
      brokerPid,
    });
    this.#events = new EventsSlot(this.#words.open(values, hello.settings));
    this.#campaigns = campaignsOf(values, this.#keys, this.#detector, this.#events);
    this.#learn(hello.facts);
    const directory = journalDirectoryOf(hello.stateDirectory);
    this.#memories = openGuardJournal(directory, this.#health, systemClock);
    this.#journal = this.#memories.journal;
    this.#events.listen(this.#memories.recorder);
    this.#events.listen(this.#memories.counter);
    const problems = () => [...this.#brokerProblems, ...this.#health.list()];
    this.#alerts = new GuardAlerts({
      values,
      files: hello.alertFiles,
      broker,
      stories: this.#memories.stories,
      health: this.#health,
      problems,
      clock: systemClock,
    });
    this.#events.listen(this.#alerts.desk);
    this.#memory =
      this.#detector instanceof SequentialDetector
        ? new SourcesMemory(directory, this.#detector, this.#health)
        : undefined;
    const drops = new DropReports(broker);
    const onDropped = (packet: DroppedPacket) => drops.take(packet);
    this.#provers = new Provers(hello, values, this.#keys);
    this.#sensors = sensorsOf(hello.sockets, values, onDropped, this.#provers.judge);
    const policyOptions = policyOptionsOf(hello, values, hello.configRevision);
    this.#policy = policyOf(policyOptions, this.#trusted, this.#journal, sessions);
    const metrics = new GuardMetrics(() => operator.status(), systemClock);
    const activity = new Activity(systemClock);
    this.#events.listen(activity);
    this.#pipeline = new Pipeline({
      sensors: this.#sensors,
      campaigns: this.#campaigns,
      detector: this.#detector,
      provers: this.#provers.all,
      policy: this.#policy,
      responders: respondersOf(values, broker, (tookMs) => metrics.ban(tookMs)),
      journal: this.#journal,
      events: this.#events,
      health: this.#health,
      clock: systemClock,
      onProbe: (probe) => {
        activity.observe(probe);
        this.#memories.counter.probe();
      },
      onVerdict: (tookMs) => metrics.verdict(tookMs),
      maxWaitingOrders: MAX_QUICK_ORDERS + values.HOOK_QUEUE,
    });
    this.#upkeep = new GuardUpkeep({
      broker,
      sensors: this.#sensors,
      campaigns: this.#campaigns,
      provers: this.#provers,
      pipeline: this.#pipeline,
      ...this.#memories,
      memory: this.#memory,
      events: this.#events,
      health: this.#health,
      clock: systemClock,
      onProgress,
      keeps: keepsOf(values),
    });
    this.#geo = new GeoLookup(this.#health);
    const operator = operatorOf({
      geo: this.#geo,
      hello,
      broker,
      pipeline: this.#pipeline,
      sensors: this.#sensors,
      campaigns: this.#campaigns,
      detector: this.#detector,
      provers: this.#provers,
      memories: this.#memories,
      keys: this.#keys,
      trusted: this.#trusted,
      settings: () => this.#settings,
      problems,
      facts: () => this.#facts,
      confirmByEpochMs: () => this.#confirmByEpochMs,
      events: this.#events,
    });
    this.#api = new GuardApi({
      operator,
      metrics,
      activity,
      sources: new SourceCounts({ ...this.#memories, geo: this.#geo, clock: systemClock }),
      hello,
      stories: this.#memories.stories,
      keys: this.#keys,
      health: this.#health,
      events: this.#events,
    });
    this.#events.listen(
      liveStories(this.#api.feed, systemClock, (source) => this.#geo.fieldsOf(source)),
    );
  }

  /** Restores the bans of earlier runs, says `ready`, and then listens. */
  async start(): Promise<void> {
    await recoverBans(this.#journal, this.#broker, {
      events: this.#events,
      health: this.#health,
      isWatchOnly: this.#hello.watchOnly !== undefined,
      onProgress: this.#onProgress,
    });
    this.#memories.stories.endInterrupted();
    this.#memory?.restore();
    await this.#api.start(loadConfigurationTexts(this.#settings.settings));
    await this.#broker.ready();
    this.#alerts.start();
    this.#pipeline.start();
    // Who became trusted while nothing ran is not brought back, nor listed as banned.
    void this.#releaseTrusted([]);
    this.#upkeep.start();
    watchMemory();
    void this.#geo.follow(loadConfigurationTexts(this.#settings.settings).GEO_DB);
  }

  /** Takes what the broker tells unasked. */
  onEvent(event: BrokerEvent): void {
    switch (event.event) {
      case "facts": {
        const known = this.#facts.trusted;
        this.#learn(event.facts);
        void this.#releaseTrusted(known);
        break;
      }
      case "health":
        this.#brokerProblems = event.problems;
        for (const { problem, change } of event.changes) {
          this.#events.brokerHealth(problem, change);
        }
        break;
      case "table-rebuilt":
        void this.#restoreAfterRebuild();
        break;
      case "confirmation":
        this.#confirmByEpochMs = event.byEpochMs;
        break;
      case "stop":
        void this.#stop(event.endBans);
        break;
      case "settings":
        this.#adopt(event);
        break;
      case "api-token":
        this.#api.follow(loadConfigurationTexts(this.#settings.settings), event);
        break;
      case "alert-files":
        this.#alerts.use(event.files);
        // Told with each reload, also where nothing of the configuration differs.
        void this.#geo.refresh();
        break;
      case "hello":
        break;
    }
  }

  /** The configuration was read again: what is remembered goes on under it. */
  #adopt(settings: HandedSettings): void {
    this.#settings = settings;
    const values = loadConfigurationTexts(settings.settings);
    this.#events.follow(this.#words.open(values, settings.settings));
    reconfigureDetector(this.#detector, values);
    this.#campaigns.reconfigure(campaignOptionsOf(values));
    this.#provers.reconfigure(values);
    this.#policy.reconfigure(policyOptionsOf(this.#hello, values, settings.configRevision));
    this.#upkeep.reconfigure(keepsOf(values));
    this.#alerts.follow(values);
    void this.#geo.follow(values.GEO_DB);
  }

  #learn(facts: Facts): void {
    this.#facts = facts;
    this.#keys.setSingle(facts.sharedIpv6);
    this.#trusted.replace(facts.trusted);
  }

  /** Whoever is trusted from now on is not kept out by what was thought of it before. */
  async #releaseTrusted(known: readonly TrustedEntry[]): Promise<void> {
    for (const prefix of bansReleased(known, this.#facts.trusted, this.#journal)) {
      await this.#pipeline.carryOut({ act: "unban", prefix, by: "guard" });
    }
  }

  async #restoreAfterRebuild(): Promise<void> {
    const restored = await restoreBans(this.#journal, this.#broker, this.#onProgress);
    const text = `restored ${counted(restored, "ban")} after the table was rebuilt`;
    this.#events.note("notice", "restored", text);
  }

  async #stop(endBans: boolean): Promise<void> {
    await this.#pipeline.stop();
    this.#campaigns.closeAll();
    this.#events.flush();
    this.#memory?.save();
    await this.#events.settled();
    await this.#words.settled();
    await Promise.all([this.#api.close(), this.#alerts.close()]);
    this.#memories.counter.hand();
    this.#memories.stories.close();
    if (endBans) this.#journal.endAllBans("removed", systemClock.epochMs());
    this.#journal.close();
    process.exit(0);
  }
}
