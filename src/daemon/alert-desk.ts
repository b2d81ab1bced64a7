/**
 * Decides what people are alerted of, and when: one alert for each change of a campaign, a group or
 * one sender with several addresses counting as one, within a bound an hour.
 *
 * What a hostile sender can do here: use up the hour's alerts with scans of his. With forged
 * sources that is half of them, because a mere claim gets no more; with addresses that he has, all.
 * What is beyond is counted, told in one alert, and in the journal. Who has {@link MAX_AWAITED}
 * forged sources convicted within {@link OUTCOME_WITHIN_MS} ms keeps the next scans of that time
 * out as well. Health has a bound of its own, so that no sender keeps a failing guard from being
 * told. Memory is bounded by {@link MAX_GATHERED} and {@link MAX_REMEMBERED}.
 */
import type { Alert } from "../alerts/alert.ts";
import type { AlertOccasion } from "../alerts/options.ts";
import { isQuiet, type QuietHours } from "../alerts/time-of-day.ts";
import type { Clock } from "../clock.ts";
import { counted } from "../counted.ts";
import type { Campaign, CampaignChange } from "../model/campaign.ts";
import type { Evidence } from "../model/evidence.ts";
import type { HealthCode } from "../model/health.ts";
import { SlidingWindow } from "../sliding-window.ts";
import {
  type AlertedChange,
  campaignAlert,
  groupAlert,
  healthAlert,
  summaryAlert,
} from "./alert-words.ts";
import type { EventListener } from "./events-slot.ts";

const HOUR_MS = 3_600_000;

/** Alerts that wait for the end of quiet hours; the rest is a number. */
const MAX_GATHERED = 200;

/** Changes that were alerted of and are not again. */
const MAX_REMEMBERED = 4096;

/**
 * How long (ms) a conviction waits for what is done about it, and for whether its source answers: a
 * scanner's first verdict is on a mere claim nearly always.
 */
export const OUTCOME_WITHIN_MS = 3000;

/** Convictions that wait at once. */
const MAX_AWAITED = 200;

/** Of a way of sending that fails nobody can be told by it. */
const WAYS_FAILED: ReadonlySet<HealthCode> = new Set([
  "alert-webhook-failed",
  "alert-mail-failed",
  "alert-command-failed",
]);

export interface AlertRules {
  readonly occasions: ReadonlySet<AlertOccasion>;
  /** undefined: none. */
  readonly quiet: QuietHours | undefined;
  /** Alerts an hour. Integer, 1 or more. */
  readonly limit: number;
}

export interface AlertDeskParts {
  readonly clock: Clock;
  readonly deliver: (alert: Alert) => void;
}

type Listen<Name extends keyof EventListener> = NonNullable<EventListener[Name]>;

interface AwaitedOutcome {
  campaign: Campaign;
  readonly dueAtMs: number;
}

export class AlertDesk implements EventListener {
  readonly #parts: AlertDeskParts;
  #rules: AlertRules;
  #scans: SlidingWindow;
  #claims: SlidingWindow;
  #problems: SlidingWindow;
  /** By campaign. */
  readonly #awaited = new Map<string, AwaitedOutcome>();
  /** The oldest first. */
  readonly #told = new Set<string>();
  #gathered: Alert[] = [];
  #ungathered = 0;
  /** Beyond the bound of the hour. */
  #withheld = 0;
  /** When the first of them was. */
  #withheldSinceMs = 0;

  constructor(rules: AlertRules, parts: AlertDeskParts) {
    this.#parts = parts;
    this.#rules = rules;
    [this.#scans, this.#claims, this.#problems] = windowsOf(rules);
  }

  /** Goes by other rules; another bound counts from now on. */
  follow(rules: AlertRules): void {
    if (rules.limit !== this.#rules.limit) {
      [this.#scans, this.#claims, this.#problems] = windowsOf(rules);
    }
    this.#rules = rules;
  }

  readonly campaign: Listen<"campaign"> = (change, story, isStory) => {
    if (!this.#isWanted(change, isStory)) return;
    const campaign = story();
    if (!this.#isNew(`${campaign.id} ${change}`)) return;
    if (change !== "convicted") this.#tellCampaign(change, campaign);
    else if (this.#awaited.size >= MAX_AWAITED) this.#withhold();
    else {
      const dueAtMs = this.#parts.clock.monotonicMs() + OUTCOME_WITHIN_MS;
      this.#awaited.set(campaign.id, { campaign, dueAtMs });
    }
  };

  readonly group: Listen<"group"> = (change, story, isScan) => {
    if (!this.#isWanted(change, isScan)) return;
    const group = story();
    if (!this.#isNew(`${group.prefix} ${group.firstAtEpochMs} ${change}`)) return;
    if (!this.#admits(group.evidence)) return;
    this.#tell(groupAlert(change, group, this.#nowEpochMs()));
  };

  readonly outcome: Listen<"outcome"> = (order, outcome) => {
    if (order.act !== "ban") return;
    const { campaignId, untilEpochMs } = order.ban;
    this.#change(campaignId, {
      outcome:
        outcome.status === "refused" || outcome.status === "failed"
          ? { status: "failed", text: outcome.reason }
          : { status: "banned", untilEpochMs },
    });
  };

  readonly spared: Listen<"spared"> = ({ campaignId }, { reason, text }) => {
    // Somebody who is banned already is banned.
    if (reason === "already-banned") return;
    this.#change(campaignId, { outcome: { status: "spared", reason, text } });
  };

  readonly raised: Listen<"raised"> = ({ campaignId, evidence }) =>
    this.#change(campaignId, { evidence });

  readonly health: Listen<"health"> = (problem, change) => {
    if (!this.#rules.occasions.has("health") || WAYS_FAILED.has(problem.code)) return;
    if (!this.#problems.take(this.#parts.clock.monotonicMs())) {
      this.#withhold();
      return;
    }
    this.#tell(healthAlert(problem, change, this.#nowEpochMs()));
  };

  /** To be called about once a second: tells what was waiting for a moment. */
  tick(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    for (const [id, { campaign, dueAtMs }] of this.#awaited) {
      if (dueAtMs > nowMs) continue;
      this.#awaited.delete(id);
      this.#tellCampaign("convicted", campaign);
    }
    if (this.#isQuietNow()) return;
    this.#endQuiet();
    if (this.#withheld > 0 && nowMs - this.#withheldSinceMs >= HOUR_MS) {
      const title = `${counted(this.#withheld, "alert")} more in the last hour`;
      this.#parts.deliver(summaryAlert([], this.#withheld, title, this.#nowEpochMs()));
      this.#withheld = 0;
    }
  }

  /** Tells what waits for its outcome; what waits for the end of quiet hours is in the journal. */
  close(): void {
    for (const { campaign } of this.#awaited.values()) this.#tellCampaign("convicted", campaign);
    this.#awaited.clear();
  }

  #isWanted(change: CampaignChange, isStory: boolean): change is AlertedChange {
    if (change === "updated" || !this.#rules.occasions.has(change)) return false;
    // It is opened before anybody knows whether it is a scan.
    return isStory || change === "opened";
  }

  /** Once told is told, and once withheld is counted. */
  #isNew(key: string): boolean {
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    if (this.#told.size > MAX_REMEMBERED) {
      for (const oldest of this.#told) {
        this.#told.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** Within the bound of the hour; in quiet hours all go into one. */
  #admits(evidence: Evidence): boolean {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#isQuietNow()) {
      const hasRoom = this.#gathered.length < MAX_GATHERED;
      if (!hasRoom) this.#ungathered++;
      return hasRoom;
    }
    const isClaim = evidence === "claimed";
    const isWithin =
      this.#scans.hasRoom(nowMs) &&
      (!isClaim || this.#claims.take(nowMs)) &&
      this.#scans.take(nowMs);
    if (!isWithin) this.#withhold();
    return isWithin;
  }

  #withhold(): void {
    if (this.#withheld === 0) this.#withheldSinceMs = this.#parts.clock.monotonicMs();
    this.#withheld++;
  }

  #change(id: string | undefined, change: Partial<Pick<Campaign, "outcome" | "evidence">>): void {
    const awaited = id === undefined ? undefined : this.#awaited.get(id);
    if (awaited !== undefined) awaited.campaign = { ...awaited.campaign, ...change };
  }

  #tellCampaign(change: AlertedChange, campaign: Campaign): void {
    if (!this.#admits(campaign.evidence)) return;
    this.#tell(campaignAlert(change, campaign, this.#nowEpochMs()));
  }

  #tell(alert: Alert): void {
    if (alert.severity === "error" || !this.#isQuietNow()) this.#parts.deliver(alert);
    else if (this.#gathered.length < MAX_GATHERED) this.#gathered.push(alert);
    else this.#ungathered++;
  }

  #endQuiet(): void {
    if (this.#gathered.length + this.#ungathered === 0) return;
    const [only] = this.#gathered;
    if (only !== undefined && this.#gathered.length + this.#ungathered === 1) {
      this.#parts.deliver(only);
    } else {
      const count = this.#gathered.length + this.#ungathered;
      const title = `${counted(count, "alert")} during quiet hours`;
      const atEpochMs = this.#nowEpochMs();
      this.#parts.deliver(summaryAlert(this.#gathered, this.#ungathered, title, atEpochMs));
    }
    this.#gathered = [];
    this.#ungathered = 0;
  }

  #isQuietNow(): boolean {
    const { quiet } = this.#rules;
    return quiet !== undefined && isQuiet(quiet, this.#nowEpochMs());
  }

  #nowEpochMs(): number {
    return Math.round(this.#parts.clock.epochMs());
  }
}

/** For all alerts of scans, for those on a mere claim, for those of health. */
function windowsOf({ limit }: AlertRules): [SlidingWindow, SlidingWindow, SlidingWindow] {
  const claimed = Math.ceil(limit / 2);
  const windows = [limit, claimed, limit].map(
    (each) => new SlidingWindow({ limit: each, windowMs: HOUR_MS }),
  );
  return windows as [SlidingWindow, SlidingWindow, SlidingWindow];
}
