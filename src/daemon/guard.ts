/**
 * The unprivileged half of the sentry, put together from the broker's greeting: journal, detector,
 * policy, sensors, API. It restores the bans of earlier runs, says `ready`, and only then listens.
 */
import { join } from "node:path";
import { createChangeGate } from "../api/auth.ts";
import { createApi, type ServedApi, serveApi } from "../api/server.ts";
import type { BrokerClient } from "../broker/client.ts";
import type { BrokerEvent, Facts, HandedSocket, TrustedEntry } from "../broker/protocol.ts";
import { systemClock } from "../clock.ts";
import { loadConfigurationTexts } from "../config/load.ts";
import type { Settings } from "../config/schema.ts";
import { TriggerDetector } from "../detectors/trigger.ts";
import { OperationalError } from "../errors.ts";
import { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { readPeerCredentials } from "../kernel/peer-credentials.ts";
import { createLogger } from "../logger.ts";
import type { HealthProblem } from "../model/health.ts";
import { SourceKeys } from "../net/source-keys.ts";
import { Policy, type PolicyOptions } from "../policy/policy.ts";
import { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import { NftablesResponder } from "../responders/nftables.ts";
import { NflogSensor } from "../sensors/nflog.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { TcpListenerSensor } from "../sensors/tcp-listener.ts";
import { UdpListenerSensor } from "../sensors/udp-listener.ts";
import { Events } from "./events.ts";
import { LossWatch } from "./losses.ts";
import { Pipeline } from "./pipeline.ts";
import { bansWithin, restoreBans } from "./remembered-bans.ts";
import { RunningOperator } from "./running-operator.ts";
import { openStandardOutput } from "./standard-output.ts";
import { counted } from "./status-sentence.ts";

export type Hello = Extract<BrokerEvent, { event: "hello" }>;

/** How often (ms) bans that have run out are marked in the journal, and skipped lines told. */
const HOUSEKEEPING_MS = 1000;

/** How often (ms) the kernel's counters are read for what was lost. */
const LOSSES_MS = 5000;

function sensorsOf(sockets: readonly HandedSocket[]): Sensor[] {
  const monotonicMs = () => systemClock.monotonicMs();
  const nflog = sockets.flatMap((socket) => (socket.kind === "nflog" ? [socket.fd] : []));
  const tcp = sockets.filter((socket) => socket.kind === "tcp-listener");
  const udp = sockets.filter((socket) => socket.kind === "udp-listener");
  return [
    ...nflog.map((fd) => new NflogSensor(fd, monotonicMs)),
    ...(tcp.length > 0 ? [new TcpListenerSensor(tcp, monotonicMs)] : []),
    ...(udp.length > 0 ? [new UdpListenerSensor(udp, monotonicMs)] : []),
  ];
}

function detectorOf(values: Settings, keys: SourceKeys): TriggerDetector {
  return new TriggerDetector(
    {
      trigger: values.SCAN_TRIGGER,
      counts: "distinct-ports",
      recordMs: values.RECORD_TIME,
      maxSources: values.MAX_SOURCES,
    },
    systemClock,
    keys,
  );
}

function policyOf(
  hello: Hello,
  values: Settings,
  trusted: TrustedPrefixes,
  journal: Journal,
): Policy {
  const options: PolicyOptions = {
    banStepsMs: values.BAN_TIME,
    repeatWithinMs: values.REPEAT_WITHIN,
    claimedBansPerMinute: values.CLAIMED_BANS,
    watchOnly: hello.watchOnly ?? (values.NFT_BAN ? undefined : "NFT_BAN is 0"),
    blockTcp: values.BLOCK_TCP === "ban" ? 1 : 0,
    blockUdp: values.BLOCK_UDP === "ban" ? 1 : 0,
    configRevision: hello.configRevision,
  };
  return new Policy(options, systemClock, trusted, journal);
}

/** The stages and what they share, from the broker's greeting to the last probe. */
export class Guard {
  readonly #hello: Hello;
  readonly #broker: BrokerClient;
  readonly #events: Events;
  readonly #health: HealthTracker;
  readonly #keys: SourceKeys;
  readonly #trusted = new TrustedPrefixes();
  readonly #journal: Journal;
  readonly #sensors: readonly Sensor[];
  readonly #pipeline: Pipeline;
  readonly #operator: RunningOperator;
  #facts: Facts;
  #brokerProblems: readonly HealthProblem[] = [];
  #confirmByEpochMs: number | undefined;
  #served: ServedApi | undefined;

  constructor(hello: Hello, broker: BrokerClient) {
    this.#hello = hello;
    this.#broker = broker;
    this.#confirmByEpochMs = hello.confirmByEpochMs;
    this.#facts = hello.facts;
    const values = loadConfigurationTexts(hello.settings);
    const logger = createLogger(values.LOG_FORMAT, systemClock, openStandardOutput());
    this.#events = new Events(logger, systemClock);
    this.#health = new HealthTracker(
      () => systemClock.epochMs(),
      (problem, change) => this.#events.health(problem, change),
    );
    this.#keys = new SourceKeys({ ipv6PrefixBits: values.IPV6_PREFIX });
    this.#learn(hello.facts);
    this.#journal = this.#openJournal();
    this.#sensors = sensorsOf(hello.sockets);
    const detector = detectorOf(values, this.#keys);
    this.#pipeline = new Pipeline({
      sensors: this.#sensors,
      detector,
      policy: policyOf(hello, values, this.#trusted, this.#journal),
      responder: new NftablesResponder(broker, () => systemClock.epochMs()),
      journal: this.#journal,
      events: this.#events,
      health: this.#health,
      clock: systemClock,
    });
    this.#operator = new RunningOperator({
      broker,
      pipeline: this.#pipeline,
      sensors: this.#sensors,
      detector,
      journal: this.#journal,
      keys: this.#keys,
      mode: { tcp: hello.settings["TCP_MODE"] ?? "", udp: hello.settings["UDP_MODE"] ?? "" },
      configRevision: hello.configRevision,
      clock: systemClock,
      problems: () => [...this.#brokerProblems, ...this.#health.list()],
      facts: () => this.#facts,
      confirmByEpochMs: () => this.#confirmByEpochMs,
      watchOnly: hello.watchOnly,
      hasTable: hello.hasTable,
      events: this.#events,
    });
  }

  /** Restores the bans of earlier runs, says `ready`, and then listens. */
  async start(): Promise<void> {
    if (this.#hello.watchOnly === undefined) {
      const restored = await restoreBans(this.#journal, this.#broker);
      if (restored > 0)
        this.#events.note("notice", "restored", `restored ${counted(restored, "ban")}`);
    }
    await this.#serveApi();
    await this.#broker.ready();
    this.#pipeline.start();
    const losses = new LossWatch(systemClock, this.#health);
    setInterval(() => {
      this.#events.flush();
      this.#journal.expireBans(systemClock.epochMs());
    }, HOUSEKEEPING_MS);
    setInterval(() => {
      this.#watchLosses(losses).catch((error: unknown) => {
        // Too many requests in this second: the next look will do.
        if (!(error instanceof OperationalError)) throw error;
      });
    }, LOSSES_MS);
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
        break;
      case "table-rebuilt":
        void this.#restoreAfterRebuild();
        break;
      case "confirmed":
        this.#confirmByEpochMs = undefined;
        break;
      case "stop":
        void this.#stop(event.endBans);
        break;
      case "hello":
        break;
    }
  }

  #learn(facts: Facts): void {
    this.#facts = facts;
    this.#keys.setSingle(facts.sharedIpv6);
    this.#trusted.replace(facts.trusted);
  }

  /** Whoever is trusted from now on is not kept out by what was thought of it before. */
  async #releaseTrusted(known: readonly TrustedEntry[]): Promise<void> {
    const before = new Set(known.map(({ prefix }) => prefix));
    const added = this.#facts.trusted.filter(({ prefix }) => !before.has(prefix));
    for (const prefix of bansWithin(added, this.#journal)) {
      await this.#pipeline.carryOut({ act: "unban", prefix });
    }
  }

  #openJournal(): Journal {
    const path = join(this.#hello.stateDirectory, "journal", "journal.sqlite");
    const { journal, note, isStandIn } = openJournal({ path, clock: systemClock });
    if (note !== undefined) {
      const action = isStandIn
        ? "Make room there, and let the guard's user write; then start it again."
        : "The guard goes on with the new one; look into the old one with sqlite3, or delete it.";
      this.#health.raise("journal-failed", "warning", note, action);
    }
    return journal;
  }

  async #serveApi(): Promise<void> {
    const socket = this.#hello.sockets.find(({ kind }) => kind === "api");
    if (socket === undefined) return;
    const api = createApi(this.#operator, {
      mayChange: createChangeGate(readPeerCredentials, this.#hello.operatorGid),
      onDefect: (error) => {
        this.#events.note("error", "defect", `the API failed: ${String(error)}`);
      },
    });
    this.#served = await serveApi(api, { fd: socket.fd });
  }

  async #restoreAfterRebuild(): Promise<void> {
    const restored = await restoreBans(this.#journal, this.#broker);
    const text = `restored ${counted(restored, "ban")} after the table was rebuilt`;
    this.#events.note("notice", "restored", text);
  }

  async #watchLosses(losses: LossWatch): Promise<void> {
    const { counters } = await this.#broker.measure();
    losses.observe({
      lost: this.#sensors.reduce((total, sensor) => total + sensor.counts().lost, 0),
      unlogged: counters.unlogged,
      full: counters.full,
      overBudget: this.#pipeline.overBudget,
      journalFailures: this.#journal.failures,
    });
  }

  async #stop(endBans: boolean): Promise<void> {
    await this.#pipeline.stop();
    await this.#served?.close();
    if (endBans) this.#journal.endAllBans("removed", systemClock.epochMs());
    this.#journal.close();
    process.exit(0);
  }
}
