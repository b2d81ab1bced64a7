/**
 * Turns growing counts of losses into health problems, for as long as they grow.
 *
 * The counts themselves are for good and stand in `status`; a problem is over when its count has
 * not grown for {@link QUIET_MS}.
 */

import type { Clock } from "../clock.ts";
import { counted } from "../counted.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { SENT_MARK } from "../kernel/table-answers.ts";
import type { HealthCode } from "../model/health.ts";

/** How long (ms) a count must rest until its problem is over. */
export const QUIET_MS = 60_000;

/** What is watched, as counts since the start. */
export interface LossCounts {
  /** Probes that the kernel reported and that never came. */
  readonly lost: number;
  /** Probes beyond the log limit. */
  readonly unlogged: number;
  /** Probes that found a set full. */
  readonly full: number;
  /** Bans that the budget of claimed bans did not allow. */
  readonly overBudget: number;
  readonly journalFailures: number;
  /** Changes of campaigns, and events, that the journal does not have because there were too many. */
  readonly untold: number;
  /** Answers of ours that rules of this machine have dropped. */
  readonly refused: number;
}

interface Loss {
  readonly code: HealthCode;
  readonly text: (count: number) => string;
  readonly action: string;
  /** The kernel counts it, from before this guard. Default false. */
  readonly isKernels?: boolean;
}

const LOSSES: Readonly<Record<keyof LossCounts, Loss>> = {
  lost: {
    code: "probes-lost",
    text: (count) =>
      `${counted(count, "probe was", "probes were")} lost between the kernel and the guard.`,
    action: "The kernel held their sources all the same; lower NFLOG_RATE if it goes on.",
  },
  unlogged: {
    code: "probes-unlogged",
    text: (count) => `${counted(count, "probe")} came faster than NFLOG_RATE, unreported.`,
    action: "A flood is under way; the kernel goes on holding as far as its sets have room.",
    isKernels: true,
  },
  full: {
    code: "hold-set-full",
    text: (count) => `${counted(count, "probe")} found a set of the kernel full and held nobody.`,
    action: "A flood of forged sources is under way; bans by verdict go on.",
    isKernels: true,
  },
  overBudget: {
    code: "ban-budget",
    text: (count) =>
      `${counted(count, "ban was", "bans were")} not made, because CLAIMED_BANS a minute were.`,
    action: "Many sources scan, or one that forges them; their holds go on.",
  },
  journalFailures: {
    code: "journal-failed",
    text: (count) => `${counted(count, "write")} to the journal failed.`,
    action: "Bans go on; look at the disk that holds the state directory.",
  },
  untold: {
    code: "stories-left-out",
    text: (count) =>
      `${counted(count, "change is", "changes are")} not in the journal, of campaigns and events.`,
    action: "A flood is under way; what is more than a claim is written before the rest.",
  },
  refused: {
    code: "answers-refused",
    text: (count) =>
      `${counted(count, "packet was", "packets were")} dropped by rules of this machine on the way to sources of probes.`,
    action: `Let pass what bears the mark ${SENT_MARK} in its output chains, or set CHALLENGE_RATE to 0 and PHANTOM to off.`,
  },
};

export class LossWatch {
  readonly #clock: Clock;
  readonly #health: HealthTracker;
  readonly #last = new Map<keyof LossCounts, { count: number; grewAtMs: number }>();

  constructor(clock: Clock, health: HealthTracker) {
    this.#clock = clock;
    this.#health = health;
  }

  /** Takes the counts as they are now; to be called every second. */
  observe(counts: LossCounts): void {
    const nowMs = this.#clock.monotonicMs();
    for (const name of Object.keys(LOSSES) as (keyof LossCounts)[]) {
      const count = counts[name];
      const { code, text, action, isKernels = false } = LOSSES[name];
      const last = this.#last.get(name) ?? (isKernels ? undefined : { count: 0, grewAtMs: nowMs });
      if (last === undefined || count < last.count) {
        // The kernel counts across guards, and begins anew with its table: what was, was.
        this.#last.set(name, { count, grewAtMs: nowMs });
      } else if (count > last.count) {
        this.#last.set(name, { count, grewAtMs: nowMs });
        this.#health.raise(code, "warning", text(count), action);
      } else if (nowMs - last.grewAtMs >= QUIET_MS) {
        this.#health.clear(code);
      }
    }
  }
}
