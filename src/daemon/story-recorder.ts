/**
 * Hands on what happens, to the journal or to whoever listens: campaigns as they change, and an
 * event for each way in which a source became more than a claim, for each verdict, what followed from
 * it, trust by command, and what is wrong with the guard.
 *
 * Senders decide how much happens. So much passes as the {@link StoryRations} say, so that a flood of
 * forged sources costs a bounded part of a processor; what is more than a claim has a ration of its
 * own, which no forger can use up, and so have the answers of live hosts whom he names. What is left
 * out is counted as lost.
 */
import type { Clock } from "../clock.ts";
import type { Campaign, CampaignChange } from "../model/campaign.ts";
import type { StoryEvent, StoryEventDetail } from "../model/story-event.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Prefix } from "../net/prefix.ts";
import type { EventListener } from "./events-slot.ts";
import { Ration } from "./ration.ts";

/** How much passes in a second. */
export interface StoryRations {
  /** Changes of campaigns: those of scans, and as many of others. */
  readonly campaigns: number;
  /** Events: those on a mere claim, as many of sources that became alive, and as many others. */
  readonly events: number;
}

/** What the journal takes. */
const JOURNAL_RATIONS: StoryRations = { campaigns: 1000, events: 500 };

/** What takes campaigns and events; the journal for one. */
export interface StorySink {
  keepCampaign(campaign: Campaign, isOver: boolean, change: CampaignChange): void;
  keepEvent(event: StoryEvent): void;
}

type Listen<Name extends keyof EventListener> = NonNullable<EventListener[Name]>;

export class StoryRecorder implements EventListener {
  readonly #sink: StorySink;
  readonly #clock: Clock;
  readonly #isWanted: () => boolean;
  readonly #scans: Ration;
  readonly #campaigns: Ration;
  readonly #claims: Ration;
  readonly #answers: Ration;
  readonly #others: Ration;
  #leftOut = 0;

  /** @param isWanted asked before anything is made; what is not wanted is not counted. */
  constructor(
    sink: StorySink,
    clock: Clock,
    rations: StoryRations = JOURNAL_RATIONS,
    isWanted: () => boolean = () => true,
  ) {
    this.#sink = sink;
    this.#clock = clock;
    this.#isWanted = isWanted;
    this.#scans = new Ration(rations.campaigns);
    this.#campaigns = new Ration(rations.campaigns);
    this.#claims = new Ration(rations.events);
    this.#answers = new Ration(rations.events);
    this.#others = new Ration(rations.events);
  }

  /** What was left out because there was too much. Only grows. */
  get leftOut(): number {
    for (const ration of this.#rations) {
      this.#leftOut += ration.takeSkipped();
    }
    return this.#leftOut;
  }

  readonly campaign: Listen<"campaign"> = (change, story, isStory) => {
    if (!this.#isWanted()) return;
    const ration = change === "convicted" || isStory ? this.#scans : this.#campaigns;
    if (!ration.takes(this.#clock.monotonicMs())) return;
    this.#sink.keepCampaign(story(), change === "closed", change);
  };

  readonly evidence: Listen<"evidence"> = ({ source, campaignId, atEpochMs, ...step }) => {
    const { way, evidence, port } = step;
    // Whoever forges the address of a live host has it answer.
    const ration = evidence === "proven" ? this.#others : this.#answers;
    const detail: StoryEventDetail = {
      kind: "evidence",
      way,
      evidence,
      ...(port === undefined ? {} : { port }),
    };
    this.#keep(ration, source, campaignId, detail, atEpochMs);
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

  get #rations(): readonly Ration[] {
    return [this.#scans, this.#campaigns, this.#claims, this.#answers, this.#others];
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
    atEpochMs = Math.round(this.#clock.epochMs()),
  ): void {
    if (!this.#isWanted() || !ration.takes(this.#clock.monotonicMs())) return;
    this.#sink.keepEvent({ atEpochMs, source, campaignId, detail } satisfies StoryEvent);
  }
}
