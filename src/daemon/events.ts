/**
 * What is told of a guard's work, by either of its processes, whatever the words.
 *
 * The privileged process tells of the program's life, the guard's of scans and what became of them,
 * both of what is wrong. A sender decides how many probes there are and from whom they seem to
 * come, so every implementation rations whatever senders can cause, by a Ration each for what must
 * not hide one another. Nothing here throws.
 */
import type { LegacyResponse } from "../broker/executors/deed.ts";
import type { Level } from "../logger.ts";
import type { Campaign, CampaignChange, CampaignGroup } from "../model/campaign.ts";
import type { EvidenceStep } from "../model/evidence.ts";
import type { HealthProblem } from "../model/health.ts";
import type { Order, Outcome } from "../model/order.ts";
import type { Probe } from "../model/probe.ts";
import type { Decoy, Verdict } from "../model/verdict.ts";
import type { Prefix } from "../net/prefix.ts";
import type { Decision } from "../policy/policy.ts";
import type { AnnouncementFacts } from "./announcement.ts";

/** A verdict that nothing follows from. */
export type Spared = Extract<Decision, { status: "spared" }>;

/** What the privileged process tells: the program's life, in this order. */
interface LifeEvents {
  /** Before anything is looked at. */
  starting(): void;
  /** What will be watched and trusted is known; nothing is in force yet. */
  started(facts: AnnouncementFacts): void;
  /**
   * It is not to be; an error says why to whoever has started it. May follow `starting` at once.
   */
  startFailed(reason: string): void;
  /** @param watchOnly why nothing is held or banned; undefined when it may be. */
  ready(watchOnly: string | undefined): void;
  stopping(): void;
  /** @param left what is left of it, in words. */
  stopped(left: string): void;
  /** A file of PortSentry's could not be written, for the first time since it last could. */
  fileFailed(file: "blocked" | "history", path: string): void;
}

/** What the guard tells: scans, in the order of the pipeline. */
export interface ScanEvents {
  /** Each probe, after the detector had it. @param hasConvicted a verdict on it follows at once. */
  probe(probe: Probe, hasConvicted: boolean): void;
  /**
   * The source of a campaign has shown that it is more than a claim: each way once, before a verdict
   * that follows from it.
   */
  evidence(step: EvidenceStep): void;
  /** Followed at once by `spared`, or later by the `outcome` of an order. */
  verdict(verdict: Verdict): void;
  /**
   * The same verdict on stronger evidence, and the source was told of: what follows is told like
   * that of a verdict, and is nothing that has happened to it anew. @param isBanned a ban is
   * lengthened for it.
   */
  raised(verdict: Verdict, isBanned: boolean): void;
  /**
   * @param isNews people are told of this campaign, and its source was not spared for the same reason
   * before.
   */
  spared(verdict: Verdict, spared: Spared, isNews: boolean): void;
  /**
   * What changes in a campaign. A conviction is told before its verdict. @param story makes the
   * campaign as it is now; may be called in this call alone. @param isStory it is a scan, and none
   * that people are told of otherwise.
   */
  campaign(change: CampaignChange, story: () => Campaign, isStory: boolean): void;
  /** The same of several sources together. @param isScan one of them at least was convicted. */
  group(change: CampaignChange, story: () => CampaignGroup, isScan: boolean): void;
  /**
   * @param order a ban has its means. @param responses what PortSentry's responses did or undid, in
   * their order.
   */
  outcome(order: Order, outcome: Outcome, responses: readonly LegacyResponse[]): void;
  /** A source that was banned is likely not the sender. After the `outcome` that ends its ban. */
  exonerated(source: Prefix, decoy: Decoy): void;
  /** Trust that somebody gave by command. */
  trust(prefix: Prefix): void;
  /** Fulfilled when nothing that was told waits any more. */
  settled(): Promise<void>;
}

/** What both tell. */
export interface Events extends LifeEvents, ScanEvents {
  health(problem: HealthProblem, change: "raised" | "cleared"): void;
  /** Whatever else happened. @param event stable name for machines: "restored". */
  note(level: Level, event: string, text: string): void;
  /** Says how much was left out; called once a second. */
  flush(): void;
}
