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
import type { Sensor } from "../sensors/sensor.ts";
import { watchClocks } from "./clock-watch.ts";
import type { Events } from "./events.ts";
import { LossWatch } from "./losses.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Provers } from "./provers.ts";
import type { SourcesMemory } from "./sources-memory.ts";

/**
 * How often (ms) bans that have run out are marked in the journal, skipped lines told, and the
 * counters read: the kernel's cost some 30 µs.
 */
const HOUSEKEEPING_MS = 1000;

/** How often (ms) it is saved what is remembered of sources; a crash forgets that much. */
const SAVING_MS = 300_000;

export interface GuardUpkeepParts {
  readonly broker: Pick<BrokerClient, "count">;
  readonly sensors: readonly Sensor[];
  readonly campaigns: Campaigns;
  readonly provers: Pick<Provers, "refused">;
  readonly pipeline: Pick<Pipeline, "overBudget">;
  readonly journal: Journal;
  /** undefined: the detector remembers nothing over a restart. */
  readonly memory: SourcesMemory | undefined;
  readonly events: Pick<Events, "flush">;
  readonly health: HealthTracker;
  readonly clock: Clock;
  /** The broker has answered: both processes get on. Called every second. */
  readonly onProgress: () => void;
  /** How long (ms) an ended ban counts for the next one's time. */
  readonly repeatWithinMs: number;
}

export class GuardUpkeep {
  readonly #parts: GuardUpkeepParts;
  readonly #losses: LossWatch;
  #repeatWithinMs: number;
  /** The kernel's counters as they were last read; undefined: not yet. */
  #counters: KernelCounters | undefined;
  #isCounting = false;

  constructor(parts: GuardUpkeepParts) {
    this.#parts = parts;
    this.#losses = new LossWatch(parts.clock, parts.health);
    this.#repeatWithinMs = parts.repeatWithinMs;
  }

  /** Once; it goes on for as long as the process. */
  start(): void {
    const { campaigns, events, journal, memory, clock } = this.#parts;
    watchClocks(({ setByMs }) => {
      if (setByMs !== 0) journal.moveBans(setByMs);
    });
    setInterval(() => {
      campaigns.tick(clock.monotonicMs());
      events.flush();
      this.#forgetBans();
      this.#look();
    }, HOUSEKEEPING_MS);
    // The first at once: it says that all of this runs.
    this.#look();
    setInterval(() => memory?.save(), SAVING_MS);
  }

  reconfigure({ repeatWithinMs }: Pick<GuardUpkeepParts, "repeatWithinMs">): void {
    this.#repeatWithinMs = repeatWithinMs;
  }

  /** Bans that have run out end in the journal, too; what ended long ago is forgotten. */
  #forgetBans(): void {
    const { journal, clock } = this.#parts;
    const nowEpochMs = clock.epochMs();
    journal.expireBans(nowEpochMs);
    const before = endOfMemory(nowEpochMs, this.#repeatWithinMs);
    journal.deleteEndedBefore(before, DELETED_AT_ONCE);
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
    const { sensors, pipeline, journal, provers } = this.#parts;
    const { unlogged, full } = this.#counters;
    this.#losses.observe({
      lost: sensors.reduce((total, sensor) => total + sensor.counts().lost, 0),
      unlogged,
      full,
      overBudget: pipeline.overBudget,
      journalFailures: journal.failures,
      refused: provers.refused,
    });
  }
}
