/**
 * The unprivileged half of the sentry, put together from the broker's greeting: journal, detector,
 * policy, sensors, API. It restores the bans of earlier runs, says `ready`, and only then listens.
 */
import { join } from "node:path";
import { createChangeGate } from "../api/auth.ts";
import { createApi, serveApi } from "../api/server.ts";
import type { BrokerClient } from "../broker/client.ts";
import type { BanItem, BrokerEvent, HandedSocket } from "../broker/protocol.ts";
import { MAX_BATCH } from "../broker/protocol.ts";
import { systemClock } from "../clock.ts";
import { loadConfigurationTexts } from "../config/load.ts";
import type { Settings } from "../config/schema.ts";
import { TriggerDetector } from "../detectors/trigger.ts";
import { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { readPeerCredentials } from "../kernel/peer-credentials.ts";
import { createLogger } from "../logger.ts";
import type { HealthProblem } from "../model/health.ts";
import { SourceKeys } from "../net/source-keys.ts";
import { Policy } from "../policy/policy.ts";
import { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import { NftablesResponder } from "../responders/nftables.ts";
import { NflogSensor } from "../sensors/nflog.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { TcpListenerSensor } from "../sensors/tcp-listener.ts";
import { UdpListenerSensor } from "../sensors/udp-listener.ts";
import { Events } from "./events.ts";
import { LossWatch } from "./losses.ts";
import { Pipeline } from "./pipeline.ts";
import { RunningOperator } from "./running-operator.ts";
import { openStandardOutput } from "./standard-output.ts";

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

/** Brings back what stood, with the time that is left. @returns bans restored. */
async function restoreBans(journal: Journal, broker: BrokerClient): Promise<number> {
  const now = systemClock.epochMs();
  journal.expireBans(now);
  let restored = 0;
  for (const bans of journal.eachActiveBan(MAX_BATCH)) {
    const items = bans.map(
      ({ prefix, untilEpochMs, evidence, origin }): BanItem => ({
        prefix,
        timeoutMs: untilEpochMs === undefined ? null : Math.max(1000, untilEpochMs - now),
        evidence,
        origin: origin === "operator" ? "operator" : "detector",
      }),
    );
    const outcomes = await broker.restore(items);
    restored += outcomes.filter(({ status }) => status.endsWith("applied")).length;
  }
  return restored;
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

/** Takes the broker's events. */
export type OnEvent = (event: BrokerEvent) => void;

/** From the broker's greeting to the last probe. @returns who takes its further events. */
export async function startGuard(hello: Hello, broker: BrokerClient): Promise<OnEvent> {
  const values = loadConfigurationTexts(hello.settings);
  const logger = createLogger(values.LOG_FORMAT, systemClock, openStandardOutput());
  const events = new Events(logger, systemClock);
  const health = new HealthTracker(
    () => systemClock.epochMs(),
    (problem, change) => events.health(problem, change),
  );
  const keys = new SourceKeys({ ipv6PrefixBits: values.IPV6_PREFIX });
  const trusted = new TrustedPrefixes();
  let facts = hello.facts;
  const learn = (news: Hello["facts"]) => {
    facts = news;
    keys.setSingle(news.sharedIpv6);
    trusted.replace(news.trusted);
  };
  learn(hello.facts);

  const { journal, note } = openJournal({
    path: join(hello.stateDirectory, "journal", "journal.sqlite"),
    clock: systemClock,
  });
  if (note !== undefined) {
    const action = "Bans go on; what is recorded now is lost when the guard ends.";
    health.raise("journal-failed", "warning", note, action);
  }

  const detector = detectorOf(values, keys);
  const policy = new Policy(
    {
      banStepsMs: values.BAN_TIME,
      repeatWithinMs: values.REPEAT_WITHIN,
      claimedBansPerMinute: values.CLAIMED_BANS,
      watchOnly: hello.watchOnly ?? (values.NFT_BAN ? undefined : "NFT_BAN is 0"),
      blockTcp: values.BLOCK_TCP === "ban" ? 1 : 0,
      blockUdp: values.BLOCK_UDP === "ban" ? 1 : 0,
      configRevision: hello.configRevision,
    },
    systemClock,
    trusted,
    journal,
  );
  const sensors = sensorsOf(hello.sockets);
  const pipeline = new Pipeline({
    sensors,
    detector,
    policy,
    responder: new NftablesResponder(broker, () => systemClock.epochMs()),
    journal,
    events,
    health,
    clock: systemClock,
  });

  let brokerProblems: readonly HealthProblem[] = [];
  let confirmByEpochMs = hello.confirmByEpochMs;
  const operator = new RunningOperator({
    broker,
    pipeline,
    sensors,
    detector,
    journal,
    keys,
    mode: { tcp: hello.settings["TCP_MODE"] ?? "", udp: hello.settings["UDP_MODE"] ?? "" },
    configRevision: hello.configRevision,
    clock: systemClock,
    problems: () => [...brokerProblems, ...health.list()],
    facts: () => facts,
    confirmByEpochMs: () => confirmByEpochMs,
    watchOnly: hello.watchOnly,
  });
  const socket = hello.sockets.find(({ kind }) => kind === "api");
  const api = createApi(operator, {
    mayChange: createChangeGate(readPeerCredentials, hello.operatorGid),
    onDefect: (error) => events.note("error", "defect", `the API failed: ${String(error)}`),
  });
  const served = socket === undefined ? undefined : await serveApi(api, { fd: socket.fd });

  const stop = async (endBans: boolean) => {
    await pipeline.stop();
    await served?.close();
    if (endBans) journal.endAllBans("removed", systemClock.epochMs());
    journal.close();
    process.exit(0);
  };
  const onEvent: OnEvent = (event) => {
    switch (event.event) {
      case "facts":
        learn(event.facts);
        break;
      case "health":
        brokerProblems = event.problems;
        break;
      case "table-rebuilt":
        void restoreBans(journal, broker).then((count) =>
          events.note("notice", "restored", `restored ${count} bans after the table was rebuilt`),
        );
        break;
      case "confirmed":
        confirmByEpochMs = undefined;
        break;
      case "stop":
        void stop(event.endBans);
        break;
      case "hello":
        break;
    }
  };

  if (hello.watchOnly === undefined) {
    const restored = await restoreBans(journal, broker);
    if (restored > 0) events.note("notice", "restored", `restored ${restored} bans`);
  }
  await broker.ready();
  pipeline.start();
  setInterval(() => {
    events.flush();
    journal.expireBans(systemClock.epochMs());
  }, HOUSEKEEPING_MS);
  const losses = new LossWatch(systemClock, health);
  setInterval(async () => {
    const { counters } = await broker.measure();
    losses.observe({
      lost: sensors.reduce((total, sensor) => total + sensor.counts().lost, 0),
      unlogged: counters.unlogged,
      full: counters.full,
      overBudget: pipeline.overBudget,
      journalFailures: journal.failures,
    });
  }, LOSSES_MS);
  return onEvent;
}
