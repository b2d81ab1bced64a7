/**
 * The third driver of the pipeline's stages but one: captures through the same detection, on the
 * captures' own time.
 *
 * The files are read twice. First it is learned which addresses are ours and which of their ports
 * are open, and in what order the files belong; then every packet goes through the model of the
 * kernel, the detector and the policy, as it would have on that machine.
 *
 * Files come from anywhere: all that grows with them is bounded by the stage that holds it.
 */
import type { Settings } from "../../config/schema.ts";
import { HealthTracker } from "../../health/tracker.ts";
import { MemoryJournal } from "../../journal/memory-journal.ts";
import type { AddressWords } from "../../net/address-words.ts";
import { formatWords } from "../../net/address-words.ts";
import type { PrefixSet } from "../../net/prefix-set.ts";
import { SourceKeys } from "../../net/source-keys.ts";
import type { Sessions } from "../../policy/policy.ts";
import { TrustedPrefixes } from "../../policy/trusted-prefixes.ts";
import { CaptureSurvey } from "../../replay/capture-survey.ts";
import { KernelModel } from "../../replay/kernel-model.ts";
import { CaptureSockets, type OpenPorts, OwnAddresses } from "../../replay/own-machine.ts";
import { ReplaySensor } from "../../replay/replay-sensor.ts";
import { NullResponder } from "../../responders/null.ts";
import { type CaptureReading, readCapture } from "../../sensors/capture-file.ts";
import { campaignsOf, detectorOf, policyOf, policyOptionsOf } from "../guard-stages.ts";
import { Pipeline } from "../pipeline.ts";
import { DEFAULT_EPHEMERAL, planTable } from "../table-plan.ts";
import { ReplayEvents } from "./replay-events.ts";
import { campaignOf, type ReplayCampaign, type ReplayReport } from "./report.ts";
import { SourceStories } from "./source-stories.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What the command shows. */
export type { ReplayCampaign, ReplayReport };

export interface ReplayOptions {
  readonly files: readonly string[];
  readonly values: Settings;
  /** Names the configuration. */
  readonly configRevision: string;
  /** Our addresses; undefined: they are inferred. */
  readonly ours: PrefixSet<unknown> | undefined;
  /** The open ports; undefined: those that answer. */
  readonly open: OpenPorts | undefined;
  /** Called after each piece of a file; must not throw. */
  readonly onProgress?: (file: string, readBytes: number, fileBytes: number) => void;
}

/** @throws {OperationalError} ERR_CAPTURE when a file cannot be read or is no capture. */
export async function runReplay(options: ReplayOptions): Promise<ReplayReport> {
  const survey = new CaptureSurvey();
  const starts = new Map<string, number>();
  for (const file of options.files) {
    let startEpochMs: number | undefined;
    await readCapture(file, (buffer, packet) => {
      startEpochMs ??= packet.seenAtEpochMs;
      survey.observe(buffer, packet);
    });
    starts.set(file, startEpochMs ?? 0);
  }
  const files = options.files.toSorted((a, b) => (starts.get(a) ?? 0) - (starts.get(b) ?? 0));
  return replay(options, files, survey, starts.get(files[0] ?? "") ?? 0);
}

/** What a capture shows of connections says nothing of those that stood when it was made. */
const NO_SESSIONS: Sessions = { portsOf: () => [] };

async function replay(
  { values, configRevision, ours, open }: ReplayOptions,
  files: readonly string[],
  survey: CaptureSurvey,
  startEpochMs: number,
): Promise<ReplayReport> {
  const clock = new VirtualClock(startEpochMs);
  const keys = new SourceKeys({ ipv6PrefixBits: values.IPV6_PREFIX });
  const trusted = new TrustedPrefixes();
  const journal = new MemoryJournal();
  const stories = new SourceStories(keys);
  const options = planTable(values, false, DEFAULT_EPHEMERAL);
  const sockets = new CaptureSockets(open, survey.ports);
  const isTrusted = (source: AddressWords) => trusted.why(formatWords(source)) !== undefined;
  let packetAtEpochMs = startEpochMs;
  const sensor = new ReplaySensor({
    kernel: new KernelModel({ options, keys, sockets, isTrusted }),
    own: new OwnAddresses(ours, ours === undefined ? survey.roles.own() : []),
    sockets,
    isBanned: (source) => {
      const ban = journal.findActiveBan(keys.prefixOf(source));
      return ban !== undefined && (ban.untilEpochMs ?? Number.POSITIVE_INFINITY) > clock.epochMs();
    },
    listener: {
      onService: (source) => stories.visit(source, packetAtEpochMs),
      onShutOut: (probe) => stories.probe(probe, packetAtEpochMs),
    },
    sensesAck: options.sensesAck,
  });
  const events = new ReplayEvents(stories, () => packetAtEpochMs);
  const pipeline = new Pipeline({
    sensors: [sensor],
    // The stories of the sources are told instead.
    campaigns: campaignsOf(values, keys, events, clock),
    detector: detectorOf(values, keys, NO_SESSIONS, clock),
    // Nobody is there to be asked.
    provers: [],
    policy: policyOf(
      policyOptionsOf({ watchOnly: undefined }, values, configRevision),
      trusted,
      journal,
      NO_SESSIONS,
      clock,
    ),
    responders: [new NullResponder()],
    journal,
    events,
    health: new HealthTracker(() => clock.epochMs()),
    clock,
    maxWaitingOrders: Number.POSITIVE_INFINITY,
  });
  pipeline.start();
  const readings = new Map<string, CaptureReading>();
  for (const file of files) {
    const reading = await readCapture(file, (buffer, packet) => {
      packetAtEpochMs = packet.seenAtEpochMs;
      sensor.take(buffer, packet, clock.advanceTo(packetAtEpochMs));
    });
    readings.set(file, reading);
  }
  await pipeline.stop();
  const malformed = sensor.counts().malformed;
  const sum = (count: (reading: CaptureReading) => number) =>
    [...readings.values()].reduce((total, reading) => total + count(reading), 0);
  return {
    packets: sum(({ counts }) => counts.packets),
    skipped: sum(({ counts }) => counts.packets - counts.ip) + malformed,
    damage: [...readings].flatMap(([file, { damage }]) =>
      damage === undefined ? [] : [{ file, offset: damage.offsetBytes, reason: damage.reason }],
    ),
    campaigns: stories.list().map(campaignOf),
  };
}
