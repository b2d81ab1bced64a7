/**
 * The pipeline's driver for captures: the same stages as the guard's, on the captures' own time.
 *
 * The files are read twice. First it is learned which addresses are ours and which of their ports
 * are open, and in what order the files belong; then every packet goes through the model of the
 * kernel, the detector and the policy, as it would have on that machine. The same captures and
 * settings make the same report, byte for byte.
 *
 * Files come from anywhere: all that grows with them is bounded by the stage that holds it.
 */
import type { Settings } from "../../config/schema.ts";
import type { AddressHashKey } from "../../detectors/address-hash.ts";
import { SequentialDetector } from "../../detectors/sequential.ts";
import { HealthTracker } from "../../health/tracker.ts";
import { MemoryJournal } from "../../journal/memory-journal.ts";
import type { Probe } from "../../model/probe.ts";
import type { TrustedEntry } from "../../model/trusted-entry.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { PrefixSet } from "../../net/prefix-set.ts";
import { SourceKeys } from "../../net/source-keys.ts";
import type { CapturedPacket } from "../../packet/capture-outlet.ts";
import { TrustedPrefixes } from "../../policy/trusted-prefixes.ts";
import { CaptureSessions } from "../../replay/capture-sessions.ts";
import { GateModel } from "../../replay/gate-model.ts";
import { KernelModel } from "../../replay/kernel-model.ts";
import { OtherModel } from "../../replay/other-model.ts";
import { CaptureSockets, type OpenPorts, OwnAddresses } from "../../replay/own-machine.ts";
import { ReplaySensor } from "../../replay/replay-sensor.ts";
import { detectorOf, policyOf, policyOptionsOf } from "../guard-stages.ts";
import { Pipeline } from "../pipeline.ts";
import { DEFAULT_EPHEMERAL, planTable } from "../table-plan.ts";
import { readReplayFile } from "./read-replay-file.ts";
import { ReplayCampaigns } from "./replay-campaigns.ts";
import { ReplayEvents } from "./replay-events.ts";
import { ReplayResponder } from "./replay-responder.ts";
import { type ReplayFindings, type ReplayReport, reportOf } from "./report.ts";
import { type OnReplayProgress, type SurveyedFiles, surveyFiles } from "./survey-files.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { Visits } from "./visits.ts";

/**
 * The guard's is random, and secret. Here the same captures have to make the same report, so it is
 * neither: who writes a capture can have some of its sources forgotten by others of it, eight for
 * one, when there are more than MAX_SOURCES.
 */
const HASH_KEY: AddressHashKey = [0x76656465, 0x74746521];

/** What a replay is judged by. */
export interface ReplaySettings {
  readonly values: Settings;
  /** Names the configuration. */
  readonly configRevision: string;
  /** Who is never banned. Default: nobody. */
  readonly trusted?: readonly TrustedEntry[];
  /** Our addresses; undefined: they are inferred. */
  readonly ours: PrefixSet<unknown> | undefined;
  /** The open ports; undefined: those that answer. */
  readonly open: OpenPorts | undefined;
}

export interface ReplayOptions extends ReplaySettings {
  readonly files: readonly string[];
}

/** @throws {OperationalError} ERR_CAPTURE when a file cannot be read, is no capture or of no link type that is read. */
export async function runReplay(options: ReplayOptions): Promise<ReplayReport> {
  return replaySurveyed(await surveyFiles(options.files), options);
}

/** The second reading; may be done more than once, by other settings. */
export async function replaySurveyed(
  surveyed: SurveyedFiles,
  settings: ReplaySettings,
  onProgress: OnReplayProgress = () => {},
): Promise<ReplayReport> {
  const start = (startEpochMs: number) => new Replay({ ...surveyed, startEpochMs }, settings);
  let replay: Replay | undefined;
  const readings = [];
  for (const file of surveyed.files) {
    const reading = await readReplayFile(
      file,
      (buffer, packet) => {
        replay ??= start(surveyed.startEpochMs ?? packet.seenAtEpochMs);
        replay.take(buffer, packet);
      },
      (readBytes, fileBytes) => onProgress(file, readBytes, fileBytes),
    );
    readings.push({ file, reading });
  }
  return (replay ?? start(0)).finish(readings);
}

/** Every stage, on the time of the packets that it is given. */
export class Replay {
  readonly #known: ReplayFindings["known"];
  readonly #clock: VirtualClock;
  readonly #kernel: KernelModel;
  readonly #sensor: ReplaySensor;
  readonly #campaigns: ReplayCampaigns;
  readonly #visits: Visits;
  readonly #responder: ReplayResponder;
  readonly #pipeline: Pipeline;

  /**
   * @param surveyed what is known of the packets before the first is taken.
   * @param onVerdict called synchronously, for the packet that {@link take} was given last.
   */
  constructor(
    surveyed: Omit<SurveyedFiles, "files"> & { readonly startEpochMs: number },
    { values, configRevision, trusted: entries = [], ours, open }: ReplaySettings,
    onVerdict: (verdict: Verdict) => void = () => {},
  ) {
    const clock = new VirtualClock(surveyed.startEpochMs);
    const keys = new SourceKeys({ ipv6PrefixBits: values.IPV6_PREFIX });
    const trusted = new TrustedPrefixes();
    trusted.replace(entries);
    const journal = new MemoryJournal();
    const gate = new GateModel(keys);
    const options = planTable(values, false, DEFAULT_EPHEMERAL);
    const sockets = new CaptureSockets(open, surveyed.ports);
    const sessions = new CaptureSessions(keys);
    const isTrusted = trusted.holds.bind(trusted);
    // Where the clock tells the time of every probe, campaigns know it.
    const onProbe = surveyed.isInOrder
      ? () => {}
      : ({ source }: Probe) => this.#visits.observe(source, true);
    const policyOptions = policyOptionsOf({ watchOnly: undefined }, values, configRevision);
    this.#known = { own: surveyed.own, ports: surveyed.ports, notes: surveyed.notes, ours, open };
    this.#clock = clock;
    this.#kernel = new KernelModel({ options, keys, sockets, isTrusted });
    this.#visits = new Visits(keys);
    this.#responder = new ReplayResponder(gate, clock);
    const detector = detectorOf(values, keys, sessions, clock, HASH_KEY);
    this.#campaigns = new ReplayCampaigns(
      {
        values,
        hashKey: HASH_KEY,
        provesAlone: (port) => detector.provesAlone(port),
        scoreOf: (source) =>
          detector instanceof SequentialDetector
            ? detector.ratioOf(source, clock.monotonicMs())
            : undefined,
      },
      clock,
      keys,
    );
    this.#sensor = new ReplaySensor({
      gate,
      kernel: this.#kernel,
      own: new OwnAddresses(ours, surveyed.own),
      sockets,
      sessions,
      listener: {
        onVisitor: (source) => this.#visits.observe(source, false),
        onShutOut: (probe) => {
          this.#campaigns.observeShutOut(probe);
          onProbe(probe);
        },
      },
      // Off or on: what it would tell is said.
      other: new OtherModel({ ...options, sensesOther: true }, isTrusted),
      sensesAck: options.sensesAck,
      sensesOther: options.sensesOther,
    });
    this.#pipeline = new Pipeline({
      sensors: [this.#sensor],
      campaigns: this.#campaigns,
      detector,
      // Nobody is there to be asked.
      provers: [],
      policy: policyOf(policyOptions, trusted, journal, sessions, clock),
      responders: [this.#responder],
      journal,
      events: new ReplayEvents(onProbe, onVerdict),
      health: new HealthTracker(() => clock.epochMs()),
      clock,
      // What is done at once never waits.
      maxWaitingOrders: Number.POSITIVE_INFINITY,
    });
    this.#pipeline.start();
  }

  /** Takes one packet; to be given to `readCapture`. */
  take(buffer: Uint8Array, packet: CapturedPacket): void {
    this.#visits.packetAtEpochMs = packet.seenAtEpochMs;
    this.#sensor.take(buffer, packet, this.#clock.advanceTo(packet.seenAtEpochMs));
  }

  /** To be called once, after the last packet. */
  async finish(readings: ReplayFindings["readings"]): Promise<ReplayReport> {
    await this.#pipeline.stop();
    return reportOf({
      readings,
      known: this.#known,
      full: this.#kernel.full,
      passedOver: this.#sensor.passedOver(),
      undecodable: this.#sensor.counts().malformed,
      stories: this.#campaigns.finish(),
      visits: this.#visits.list(),
      bansOf: (source) => this.#responder.bansOf(source),
    });
  }
}
