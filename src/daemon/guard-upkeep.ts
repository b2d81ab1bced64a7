/**
 * What the guard does again and again, whatever is sent: quiet campaigns are closed, bans that have
 * run out are marked, losses are counted, what is remembered of sources is saved, and the bans of
 * the journal move with a clock that is set.
 *
 * Nothing here grows with time: each turn does a bounded part, and the next one the rest.
 */
import type { BrokerClient } from "../broker/client.ts";
import type { KernelCounters } from "../broker/protocol.ts";
import type { Clock } from "../clock.ts";
import type { Campaigns } from "../detectors/campaigns.ts";
import { OperationalError } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Journal } from "../journal/journal.ts";
import { DELETED_AT_ONCE, endOfMemory } from "../journal/retention.ts";
import type { Stories } from "../journal/stories.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { watchClocks } from "./clock-watch.ts";
import type { Events } from "./events.ts";
import { HANDED_MS, type HourCounter } from "./hour-counter.ts";
import { LossWatch } from "./losses.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Provers } from "./provers.ts";
import type { SourcesMemory } from "./sources-memory.ts";
import type { StoryRecorder } from "./story-recorder.ts";

/**
 * How often (ms) bans that have run out are marked in the journal, skipped lines told, and the
 * counters read: the kernel's cost some 30 µs.
 */
const HOUSEKEEPING_MS = 1000;

/** How often (ms) what happened is written to the journal; a crash of the machine forgets that much. */
const WRITING_MS = 250;

/** How often (ms) packets of trusted sources are told of, while there are any. */
const TRUSTED_SAVES_MS = 60_000;

/** How often (ms) it is saved what is remembered of sources; a crash forgets that much. */
const SAVING_MS = 300_000;

/** How long (ms) a campaign may be quiet and still wait for being closed. */
const CLOSING_MS = 60_000;

export interface GuardUpkeepParts {
  readonly broker: Pick<BrokerClient, "count">;
  readonly sensors: readonly Sensor[];
  readonly campaigns: Campaigns;
  readonly provers: Pick<Provers, "refused">;
  readonly pipeline: Pick<Pipeline, "overBudget">;
  readonly journal: Journal;
  readonly stories: Pick<Stories, "flush" | "forgetBeyond" | "lost" | "failures">;
  readonly recorder: Pick<StoryRecorder, "trustedSaves" | "leftOut">;
  readonly counter: Pick<HourCounter, "hand">;
  /** undefined: the detector remembers nothing over a restart. */
  readonly memory: SourcesMemory | undefined;
  readonly events: Pick<Events, "flush">;
  readonly health: HealthTracker;
  readonly clock: Clock;
  /** The broker has answered: both processes get on. Called every second. */
  readonly onProgress: () => void;
  readonly keeps: Keeps;
}

/** What of the past is kept. */
export interface Keeps {
  /** How long (ms) an ended ban counts for the next one's time. */
  readonly repeatWithinMs: number;
  /** JOURNAL_AGE. */
  readonly ageMs: number;
  /** JOURNAL_SIZE. */
  readonly mostBytes: number;
  /** CAMPAIGN_QUIET. */
  readonly quietMs: number;
}

export class GuardUpkeep {
  readonly #parts: GuardUpkeepParts;
  readonly #losses: LossWatch;
  #keeps: Keeps;
  /** Of the kernel's counter, what was told. */
  #trustedSaves: number | undefined;
  /** The kernel's counters as they were last read; undefined: not yet. */
  #counters: KernelCounters | undefined;
  #isCounting = false;

  constructor(parts: GuardUpkeepParts) {
    this.#parts = parts;
    this.#losses = new LossWatch(parts.clock, parts.health);
    this.#keeps = parts.keeps;
  }

  /** Once; it goes on for as long as the process. */
  start(): void {
    const { campaigns, events, journal, stories, counter, memory, clock } = this.#parts;
    watchClocks(({ setByMs }) => {
      if (setByMs !== 0) journal.moveBans(setByMs);
    });
    setInterval(() => {
      campaigns.tick(clock.monotonicMs());
      events.flush();
      this.#forget();
      this.#look();
    }, HOUSEKEEPING_MS);
    setInterval(() => stories.flush("part"), WRITING_MS);
    // The first at once: from now on it is counted.
    counter.hand();
    setInterval(() => counter.hand(), HANDED_MS);
    setInterval(() => this.#tellTrustedSaves(), TRUSTED_SAVES_MS);
    // The first at once: it says that all of this runs.
    this.#look();
    setInterval(() => memory?.save(), SAVING_MS);
  }

  reconfigure(keeps: Keeps): void {
    this.#keeps = keeps;
  }

  /** Bans that have run out end in the journal, too; what is long past is forgotten. */
  #forget(): void {
    const { journal, stories, clock } = this.#parts;
    const { ageMs, mostBytes, quietMs, repeatWithinMs } = this.#keeps;
    const nowEpochMs = clock.epochMs();
    journal.expireBans(nowEpochMs);
    journal.deleteEndedBefore(endOfMemory(nowEpochMs, ageMs, repeatWithinMs), DELETED_AT_ONCE);
    const oldestEpochMs = nowEpochMs - ageMs;
    const quietSinceEpochMs = nowEpochMs - quietMs - CLOSING_MS;
    stories.forgetBeyond({ oldestEpochMs, quietSinceEpochMs, mostBytes });
  }

  /** The kernel counts across guards, and begins anew with its table. */
  #tellTrustedSaves(): void {
    const count = this.#counters?.trusted;
    if (count === undefined) return;
    const packets = count - (this.#trustedSaves ?? count);
    this.#trustedSaves = count;
    if (packets > 0) this.#parts.recorder.trustedSaves(packets);
  }

  /** A broker that is busy with bans answers late, and is not asked again before. */
  #look(): void {
    this.#observeLosses();
    if (this.#isCounting) return;
    this.#isCounting = true;
    this.#count()
      .catch((error: unknown) => {
        // Too many requests in this second: the next look will do.
        if (!(error instanceof OperationalError)) throw error;
      })
      .finally(() => {
        this.#isCounting = false;
      });
  }

  async #count(): Promise<void> {
    this.#counters = await this.#parts.broker.count();
    this.#parts.onProgress();
    this.#observeLosses();
  }

  /** Our own counts are as of now, however late the broker answers. */
  #observeLosses(): void {
    if (this.#counters === undefined) return;
    const { sensors, pipeline, journal, stories, recorder, provers } = this.#parts;
    const { unlogged, full } = this.#counters;
    this.#losses.observe({
      lost: sensors.reduce((total, sensor) => total + sensor.counts().lost, 0),
      unlogged,
      full,
      overBudget: pipeline.overBudget,
      journalFailures: journal.failures + stories.failures,
      untold: stories.lost + recorder.leftOut,
      refused: provers.refused,
    });
  }
}
