/**
 * Writes what happens into the journal: campaigns as they change, and an event for each verdict,
 * what followed from it, trust by command, and what is wrong with the guard.
 *
 * Senders decide how much happens. {@link CAMPAIGNS_A_SECOND} and {@link EVENTS_A_SECOND} pass, so
 * that a flood of forged sources costs a bounded part of a processor; what is more than a claim has a
 * ration of its own, which no forger can use up. What is left out is counted as lost.
 */
import type { Clock } from "../clock.ts";
import type { Stories } from "../journal/stories.ts";
import type { StoryEvent, StoryEventDetail } from "../model/story-event.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Prefix } from "../net/prefix.ts";
import type { EventListener } from "./events-slot.ts";
import { Ration } from "./ration.ts";

/** Changes of campaigns that are kept in a second: those of scans, and as many of others. */
const CAMPAIGNS_A_SECOND = 1000;

/** Events in a second: those on a mere claim, and as many others. */
const EVENTS_A_SECOND = 500;

type Listen<Name extends keyof EventListener> = NonNullable<EventListener[Name]>;

export class StoryRecorder implements EventListener {
  readonly #stories: Pick<Stories, "keepCampaign" | "keepEvent">;
  readonly #clock: Clock;
  readonly #scans = new Ration(CAMPAIGNS_A_SECOND);
  readonly #campaigns = new Ration(CAMPAIGNS_A_SECOND);
  readonly #claims = new Ration(EVENTS_A_SECOND);
  readonly #others = new Ration(EVENTS_A_SECOND);
  #leftOut = 0;

  constructor(stories: Pick<Stories, "keepCampaign" | "keepEvent">, clock: Clock) {
    this.#stories = stories;
    this.#clock = clock;
  }

  /** What was left out because there was too much. Only grows. */
  get leftOut(): number {
    for (const ration of [this.#scans, this.#campaigns, this.#claims, this.#others]) {
      this.#leftOut += ration.takeSkipped();
    }
    return this.#leftOut;
  }

  readonly campaign: Listen<"campaign"> = (change, story, isStory) => {
    const ration = change === "convicted" || isStory ? this.#scans : this.#campaigns;
    if (!ration.takes(this.#clock.monotonicMs())) return;
    this.#stories.keepCampaign(story(), change === "closed");
  };

  readonly verdict: Listen<"verdict"> = (verdict) => this.#keepVerdict(verdict);

  readonly raised: Listen<"raised"> = (verdict) => this.#keepVerdict(verdict);

  readonly spared: Listen<"spared"> = ({ source, campaignId, evidence }, { reason, text }) => {
    const ration = evidence === "claimed" ? this.#claims : this.#others;
    this.#keep(ration, source, campaignId, { kind: "spared", why: reason, text });
  };

  readonly outcome: Listen<"outcome"> = (order, outcome, responses) => {
    const isBan = order.act === "ban";
    const source = isBan ? order.ban.prefix : order.prefix;
    const campaignId = isBan ? order.ban.campaignId : undefined;
    const isClaim = isBan && order.ban.origin === "detector" && order.ban.evidence === "claimed";
    const ration = isClaim ? this.#claims : this.#others;
    const keep = (detail: StoryEventDetail) => this.#keep(ration, source, campaignId, detail);
    if (outcome.status === "refused" || outcome.status === "failed") {
      keep({ kind: outcome.status, act: order.act, text: outcome.reason });
    } else if (isBan) {
      const { evidence, origin, untilEpochMs, means, reason } = order.ban;
      keep({
        kind: "ban",
        evidence,
        origin,
        ...(untilEpochMs === undefined ? {} : { untilEpochMs }),
        ...(order.raisedFrom === undefined ? {} : { raisedFrom: order.raisedFrom }),
        means,
        reason,
      });
    } else if (outcome.status === "applied") keep({ kind: "unban", by: order.by });
    for (const { name, status, text, reason } of responses) {
      if (status === "already-applied") continue;
      const why = reason === undefined ? {} : { reason };
      keep({ kind: "response", act: order.act, name, status, command: text, ...why });
    }
  };

  readonly exonerated: Listen<"exonerated"> = (source, { sources, evidence }) =>
    this.#keep(this.#others, source, undefined, { kind: "exonerated", sources, evidence });

  readonly trust: Listen<"trust"> = (source) =>
    this.#keep(this.#others, source, undefined, { kind: "trust" });

  readonly health: Listen<"health"> = ({ code, severity, text }, change) =>
    this.#keep(this.#others, undefined, undefined, {
      kind: "health",
      code,
      severity,
      change,
      text,
    });

  /** Packets of trusted sources that would have been caught, since this was last told. */
  trustedSaves(packets: number): void {
    this.#keep(this.#others, undefined, undefined, { kind: "trusted-saves", packets });
  }

  #keepVerdict(verdict: Verdict): void {
    const { ruleId, reason, evidence, raisedFrom, ports, kinds, tool, score } = verdict;
    const ration = evidence === "claimed" ? this.#claims : this.#others;
    this.#keep(ration, verdict.source, verdict.campaignId, {
      kind: "verdict",
      ruleId,
      reason,
      evidence,
      ...(raisedFrom === undefined ? {} : { raisedFrom }),
      ports,
      kinds,
      ...(tool === undefined ? {} : { tool }),
      probes: verdict.probes,
      firstSeenAtEpochMs: Math.round(verdict.firstSeenAtEpochMs),
      // On stronger evidence it is the same score again.
      ...(score === undefined || raisedFrom !== undefined ? {} : { score }),
    });
  }

  #keep(
    ration: Ration,
    source: Prefix | undefined,
    campaignId: string | undefined,
    detail: StoryEventDetail,
  ): void {
    if (!ration.takes(this.#clock.monotonicMs())) return;
    const atEpochMs = Math.round(this.#clock.epochMs());
    this.#stories.keepEvent({ atEpochMs, source, campaignId, detail } satisfies StoryEvent);
  }
}
