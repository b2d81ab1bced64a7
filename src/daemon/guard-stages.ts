/** The guard's stages, each made from the configuration. */
import type { BrokerClient } from "../broker/client.ts";
import type { BrokerEvent, HandedSocket } from "../broker/protocol.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { Settings } from "../config/schema.ts";
import type { AddressHashKey } from "../detectors/address-hash.ts";
import { Campaigns } from "../detectors/campaigns.ts";
import { SequentialDetector, type SequentialOptions } from "../detectors/sequential.ts";
import { TriggerDetector, type TriggerOptions } from "../detectors/trigger.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import { SocketTable } from "../kernel/sock-diag.ts";
import type { DroppedPacket } from "../model/dropped-packet.ts";
import { wordsOf } from "../net/address-words.ts";
import { firstAddressOf } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { Policy, type PolicyOptions, type Sessions } from "../policy/policy.ts";
import type { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import { LegacyResponder } from "../responders/legacy.ts";
import { NftablesResponder } from "../responders/nftables.ts";
import type { Responder } from "../responders/responder.ts";
import { type JudgeReply, NflogSensor } from "../sensors/nflog.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { TcpListenerSensor } from "../sensors/tcp-listener.ts";
import { UdpListenerSensor } from "../sensors/udp-listener.ts";
import { banStepsOf } from "./ban-steps.ts";
import { blocklistedIfKnown } from "./blocklisted.ts";
import type { ScanEvents } from "./events.ts";
import type { Keeps } from "./guard-upkeep.ts";
import { BLOCKS, hasHooks } from "./legacy-keys.ts";
import { ServiceSessions } from "./service-sessions.ts";
import type { LiveMemory } from "./story-desk.ts";
import { timedResponder } from "./timed-responder.ts";

/** The broker's greeting: everything that a guard is made from. */
export type Hello = Extract<BrokerEvent, { event: "hello" }>;

/**
 * Every sensor that the handed sockets allow. `onDropped` and `judgeReply` as of
 * {@link NflogSensor}.
 */
export function sensorsOf(
  sockets: readonly HandedSocket[],
  { PORT_BANNER }: Pick<Settings, "PORT_BANNER">,
  onDropped: (packet: DroppedPacket) => void,
  judgeReply: JudgeReply,
): Sensor[] {
  const monotonicMs = () => systemClock.monotonicMs();
  const nflog = sockets.flatMap((socket) => (socket.kind === "nflog" ? [socket.fd] : []));
  const tcp = sockets.filter((socket) => socket.kind === "tcp-listener");
  const udp = sockets.filter((socket) => socket.kind === "udp-listener");
  return [
    ...nflog.map((fd) => new NflogSensor(fd, monotonicMs, onDropped, judgeReply)),
    ...(tcp.length > 0 ? [new TcpListenerSensor(tcp, monotonicMs, PORT_BANNER)] : []),
    ...(udp.length > 0 ? [new UdpListenerSensor(udp, monotonicMs)] : []),
  ];
}

/** What is known of a source now. */
export function liveMemoryOf(
  campaigns: Campaigns,
  detector: ConfiguredDetector,
  broker: Pick<BrokerClient, "listed">,
): LiveMemory {
  return {
    campaignOf: (source) => campaigns.of(source),
    walkOf: (source) =>
      detector instanceof SequentialDetector
        ? detector.walkOf(wordsOf(firstAddressOf(source)), systemClock.monotonicMs())
        : undefined,
    blocklistedBy: (prefix) => blocklistedIfKnown(broker, prefix),
  };
}

/** What of the past is kept. */
export function keepsOf(values: Settings): Keeps {
  const { REPEAT_WITHIN: repeatWithinMs, JOURNAL_AGE: ageMs, JOURNAL_SIZE: mostBytes } = values;
  return { repeatWithinMs, ageMs, mostBytes, quietMs: values.CAMPAIGN_QUIET };
}

/** What DETECTOR can name. */
export type ConfiguredDetector = SequentialDetector | TriggerDetector;

function triggerOptionsOf(values: Settings): TriggerOptions {
  return {
    trigger: values.SCAN_TRIGGER,
    counts: values.TRIGGER_COUNTS,
    areUnused: !values.SENSE_SERVED,
    recordMs: values.RECORD_TIME,
    maxSources: values.MAX_SOURCES,
  };
}

function sequentialOptionsOf(values: Settings): SequentialOptions {
  return {
    isStrict: values.STRICT,
    halfLifeMs: values.SCORE_HALF_LIFE,
    trapPorts: values.TRAP_PORTS.without(values.ADVANCED_EXCLUDE_TCP),
    areUnused: !values.SENSE_SERVED,
    recordMs: values.RECORD_TIME,
    maxSources: values.MAX_SOURCES,
  };
}

/**
 * The detector that DETECTOR names. @param sessions asked after those who near conviction.
 * @param hashKey default: random.
 */
export function detectorOf(
  values: Settings,
  keys: SourceKeys,
  sessions: Sessions,
  clock: Clock = systemClock,
  hashKey?: AddressHashKey,
): ConfiguredDetector {
  const chosen = hashKey === undefined ? {} : { hashKey };
  if (values.DETECTOR === "trigger") {
    return new TriggerDetector({ ...triggerOptionsOf(values), ...chosen }, clock, keys);
  }
  const options = { ...sequentialOptionsOf(values), ...chosen };
  const detector = new SequentialDetector(options, clock, keys, (source) => {
    const words = wordsOf(firstAddressOf(source));
    for (const port of sessions.portsOf(source) ?? []) {
      detector.observeHit(words, { transport: "tcp", port }, clock.monotonicMs());
    }
  });
  return detector;
}

/** Who is connected to a service of this machine, which our own listeners are not. */
export function sessionsOf(
  sockets: readonly HandedSocket[],
  health: HealthTracker,
): ServiceSessions {
  const listeners = sockets.filter((socket) => socket.kind === "tcp-listener");
  const trapPorts = new Set(listeners.map(({ port }) => port));
  return new ServiceSessions({ table: new SocketTable(), trapPorts, clock: systemClock, health });
}

/** Campaigns at once, whatever MAX_SOURCES allows: a story is over sooner than it is forgotten. */
const MAX_CAMPAIGNS = 16_384;

/** What a reload may change of campaigns. */
export function campaignOptionsOf({
  CAMPAIGN_QUIET: quietMs,
  MAX_SOURCES,
}: Pick<Settings, "CAMPAIGN_QUIET" | "MAX_SOURCES">) {
  return { quietMs, maxCampaigns: Math.min(MAX_SOURCES, MAX_CAMPAIGNS) };
}

/** What tells one story a scan. @param hashKey default: random. */
export function campaignsOf(
  values: Settings,
  keys: SourceKeys,
  detector: Pick<ConfiguredDetector, "provesAlone">,
  events: Pick<ScanEvents, "campaign" | "group" | "evidence">,
  clock: Clock = systemClock,
  hashKey?: AddressHashKey,
): Campaigns {
  return new Campaigns(
    {
      ...campaignOptionsOf(values),
      provesAlone: (port) => detector.provesAlone(port),
      ...(hashKey === undefined ? {} : { hashKey }),
    },
    clock,
    keys,
    (change, story, isStory) => events.campaign(change, story, isStory),
    (change, group, isScan) => events.group(change, group, isScan),
    (step) => events.evidence(step),
  );
}

/** Lets the detector judge by these values; another DETECTOR needs another guard process. */
export function reconfigureDetector(detector: ConfiguredDetector, values: Settings): void {
  if (detector instanceof TriggerDetector) detector.reconfigure(triggerOptionsOf(values));
  else detector.reconfigure(sequentialOptionsOf(values));
}

/** @param hello why nothing is banned, whatever the configuration says. */
export function policyOptionsOf(
  hello: Pick<Hello, "watchOnly">,
  values: Settings,
  configRevision: string,
): PolicyOptions {
  return {
    banSteps: banStepsOf(values),
    // PortSentry's way is to ban whoever sends.
    sparesSessions: values.PROOF !== "none",
    repeatWithinMs: values.REPEAT_WITHIN,
    claimedBansPerMinute: values.CLAIMED_BANS,
    watchOnly: whyNothingIsBanned(hello, values),
    blockTcp: BLOCKS[values.BLOCK_TCP],
    blockUdp: BLOCKS[values.BLOCK_UDP],
    configRevision,
  };
}

/**
 * @returns why no verdict shuts anybody out, in words that follow "watching only: "; undefined when
 * some do.
 */
export function whyNothingIsBanned(
  hello: Pick<Hello, "watchOnly">,
  values: Settings,
): string | undefined {
  if (hello.watchOnly !== undefined) return hello.watchOnly;
  if (values.NFT_BAN || hasHooks(values)) return undefined;
  return "NFT_BAN is 0 and no KILL_* is set";
}

/**
 * The policy of the configuration; it asks the journal who has offended before, and the machine who
 * is connected to it.
 */
export function policyOf(
  options: PolicyOptions,
  trusted: TrustedPrefixes,
  journal: Journal,
  sessions: Sessions,
  clock: Clock = systemClock,
): Policy {
  return new Policy(options, clock, trusted, journal, sessions);
}

/** What carries out orders: the kernel's sets at once, PortSentry's responses after them. */
export function respondersOf(
  values: Settings,
  broker: BrokerClient,
  onBan: (tookMs: number) => void,
): Responder[] {
  const epochMs = () => systemClock.epochMs();
  const nftables = new NftablesResponder(broker, { bansVerdicts: values.NFT_BAN }, epochMs);
  return [timedResponder(nftables, systemClock, onBan), new LegacyResponder(broker, epochMs)];
}
