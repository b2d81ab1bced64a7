/**
 * One thing that happened, as the journal keeps it and `vedette why` tells it: a verdict, how sure
 * its source became, what followed from it, what a person did, what was wrong with the guard itself.
 *
 * Everything in it is numbers, addresses and our own words; an event that says how a command ended
 * holds that command's own text, which root has configured.
 */
import type { Prefix } from "../net/prefix.ts";
import type { BanMeans } from "./ban.ts";
import type { Evidence, EvidenceWay } from "./evidence.ts";
import type { HealthCode, Severity } from "./health.ts";
import type { ProbeKind } from "./probe.ts";
import type { Tool } from "./tool.ts";
import type { ProbedPort, Score } from "./verdict.ts";

interface VerdictEvent {
  readonly kind: "verdict";
  readonly ruleId: string;
  readonly reason: string;
  readonly evidence: Evidence;
  /** There iff it is the verdict of before on stronger evidence. */
  readonly raisedFrom?: Evidence;
  /** Distinct ports in the order in which they were probed. */
  readonly ports: readonly ProbedPort[];
  readonly kinds: readonly ProbeKind[];
  readonly tool?: Tool;
  /** Probes of the source so far, repeats included. */
  readonly probes: number;
  readonly firstSeenAtEpochMs: number;
  /**
   * There iff its rule has one, and the first time; the verdict can be made again from it. Its last
   * step was taken when this happened.
   */
  readonly score?: Score;
}

/** The source became more than a claim, or was shown to be so by another way. */
interface EvidenceEvent {
  readonly kind: "evidence";
  readonly way: EvidenceWay;
  readonly evidence: Exclude<Evidence, "claimed">;
  /** The TCP port of ours; left out iff the way is "earlier". */
  readonly port?: number;
}

/** A verdict that nothing followed from. */
interface SparedEvent {
  readonly kind: "spared";
  /** A closed list of the policy's: "trusted", "session". */
  readonly why: string;
  readonly text: string;
}

interface BanEvent {
  readonly kind: "ban";
  readonly evidence: Evidence;
  readonly origin: "detector" | "operator" | "unknown";
  /** Left out: for good. */
  readonly untilEpochMs?: number;
  /** There iff it lengthens a ban that stood on this evidence. */
  readonly raisedFrom?: Evidence;
  readonly means: readonly BanMeans[];
  readonly reason: string;
}

interface UnbanEvent {
  readonly kind: "unban";
  readonly by: "operator" | "guard";
}

/** A ban or unban that was refused, or could not be made. */
interface FailureEvent {
  readonly kind: "refused" | "failed";
  readonly act: "ban" | "unban";
  readonly text: string;
}

/** What one of PortSentry's responses did or undid. */
interface ResponseEvent {
  readonly kind: "response";
  readonly act: "ban" | "unban";
  readonly name: string;
  readonly status: string;
  readonly command: string;
  readonly reason?: string;
}

/** A source that was banned is likely not the sender. */
interface ExoneratedEvent {
  readonly kind: "exonerated";
  /** Sources that the same machine uses, this one included. */
  readonly sources: number;
  readonly evidence: Evidence;
}

interface TrustEvent {
  readonly kind: "trust";
}

interface HealthEvent {
  readonly kind: "health";
  readonly code: HealthCode;
  readonly severity: Severity;
  readonly change: "raised" | "cleared";
  readonly text: string;
}

/** Packets of trusted sources that would have been caught otherwise. */
interface TrustedSavesEvent {
  readonly kind: "trusted-saves";
  /** Since the last such event. */
  readonly packets: number;
}

/** What somebody asked the guard, or a command without one, to change; whatever came of it. */
interface RequestEvent {
  readonly kind: "request";
  /** "root", "uid 1000", "token", "session", "read-token", "read-session"; "stranger": none. */
  readonly caller: string;
  /** "POST /v1/bans"; without a guard "vedette ban". */
  readonly request: string;
  /** HTTP status of the answer; without a guard the one that it would have had. */
  readonly status: number;
  /** What was asked, as JSON; cut to {@link LONGEST_ASKED}. Empty: it was not looked at. */
  readonly asked: string;
  /** What the answer says has come of it: "applied", "refused"; left out: it says nothing. */
  readonly outcome?: string;
  /** How many bans it has ended together, and of whom, 20 at the most; left out: it was not that. */
  readonly ended?: { readonly count: number; readonly addresses: readonly string[] };
  /** Requests that were turned away and left out here since the last; left out: none. */
  readonly leftOut?: number;
}

/** Characters. */
export const LONGEST_ASKED = 500;

export type StoryEventDetail =
  | VerdictEvent
  | EvidenceEvent
  | SparedEvent
  | BanEvent
  | UnbanEvent
  | FailureEvent
  | ResponseEvent
  | ExoneratedEvent
  | TrustEvent
  | HealthEvent
  | TrustedSavesEvent
  | RequestEvent;

export type StoryEventKind = StoryEventDetail["kind"];

export const STORY_EVENT_KINDS = [
  "verdict",
  "evidence",
  "spared",
  "ban",
  "unban",
  "refused",
  "failed",
  "response",
  "exonerated",
  "trust",
  "health",
  "trusted-saves",
  "request",
] as const satisfies readonly StoryEventKind[];

export function isStoryEventKind(text: string): text is StoryEventKind {
  return (STORY_EVENT_KINDS as readonly string[]).includes(text);
}

export interface StoryEvent {
  readonly atEpochMs: number;
  /** Whom it is about; undefined: nobody, or not one source. */
  readonly source: Prefix | undefined;
  readonly campaignId: string | undefined;
  readonly detail: StoryEventDetail;
}
