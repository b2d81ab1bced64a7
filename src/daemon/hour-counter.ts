/**
 * Counts probes, verdicts and bans for the history, hour by hour.
 *
 * A flood allocates nothing here: three numbers grow, and every {@link HANDED_MS} they are handed on
 * as what happened in the hour of that moment, so that some seconds around its end may count to
 * its neighbour. A guard that is killed loses what was not handed on. While it runs, every hour has an
 * entry, be it of zeros: one without is an hour in which nobody counted.
 */
import type { Clock } from "../clock.ts";
import type { Stories } from "../journal/stories.ts";
import { hourOf } from "../model/hour-counts.ts";
import type { EventListener } from "./events-slot.ts";

/** Pause (ms) between two times that counts are handed on: under way so long, they are written. */
export const HANDED_MS = 10_000;

export class HourCounter implements EventListener {
  readonly #stories: Pick<Stories, "keepCounts">;
  readonly #clock: Pick<Clock, "epochMs">;
  #probes = 0;
  #verdicts = 0;
  #bans = 0;
  /** The hour that has an entry; undefined: none of this process. */
  #handedHour: number | undefined;

  constructor(stories: Pick<Stories, "keepCounts">, clock: Pick<Clock, "epochMs">) {
    this.#stories = stories;
    this.#clock = clock;
  }

  /** Counts one probe. */
  probe(): void {
    this.#probes += 1;
  }

  readonly verdict: NonNullable<EventListener["verdict"]> = () => {
    this.#verdicts += 1;
  };

  readonly outcome: NonNullable<EventListener["outcome"]> = (order, { status }) => {
    if (order.act !== "ban" || order.raisedFrom !== undefined || status !== "applied") return;
    this.#bans += 1;
  };

  /** Hands on what was counted since the last time. To be called every {@link HANDED_MS}. */
  hand(): void {
    const hourEpochMs = hourOf(this.#clock.epochMs());
    const counted = this.#probes + this.#verdicts + this.#bans;
    if (counted === 0 && hourEpochMs === this.#handedHour) return;
    this.#handedHour = hourEpochMs;
    const [probes, verdicts, bans] = [this.#probes, this.#verdicts, this.#bans];
    this.#stories.keepCounts({ hourEpochMs, probes, verdicts, bans });
    this.#probes = 0;
    this.#verdicts = 0;
    this.#bans = 0;
  }
}
