/** Campaigns, events and scores in the shape of the API's contract. */
import type {
  CampaignView,
  EventView,
  EvidenceView,
  HourView,
  ScoreView,
} from "../api/contract.ts";
import type { KeptCampaign, KeptEvent } from "../journal/stories.ts";
import type { Campaign, CampaignEmitter, CampaignOutcome } from "../model/campaign.ts";
import { describeEvidence } from "../model/evidence.ts";
import type { HourCounts } from "../model/hour-counts.ts";
import type { StoryEvent } from "../model/story-event.ts";
import type { Score } from "../model/verdict.ts";
import { CONVICTION_RATIO, ratioOf } from "../model/walk.ts";
import { formatPrefix } from "../net/prefix.ts";
import { formatStory } from "./campaign-lines.ts";
import { formatEvent } from "./event-words.ts";
import { evidenceSentence, formatStep } from "./evidence-words.ts";
import { isoTime } from "./views.ts";

export function campaignView({ campaign, isOver }: KeptCampaign): CampaignView {
  const { id, source, packets, ports, portCount, kinds, tool, evidence, outcome } = campaign;
  return {
    id,
    address: formatPrefix(source),
    first: isoTime(campaign.firstAtEpochMs),
    last: isoTime(campaign.lastAtEpochMs),
    over: isOver,
    story: formatStory(campaign),
    packets,
    ports: ports.map(({ transport, ranges }) => ({
      transport,
      ranges: ranges.map(({ first, last }): [number, number] => [first, last]),
    })),
    port_count: portCount.count,
    ports_cut: portCount.isAtLeast || listedPorts(ports) < portCount.count,
    kinds: [...kinds],
    tool: tool ?? null,
    evidence,
    evidence_text: describeEvidence(evidence),
    destinations: campaign.destinations.count,
    verdict: campaign.verdict,
    score: campaign.score ?? null,
    reason: campaign.reason ?? null,
    held: campaign.wasHeld,
    outcome: outcome.status,
    until: untilOf(outcome),
    outcome_text: "text" in outcome ? outcome.text : null,
    sender: senderView(campaign.emitter),
  };
}

/** @param events those of kind "evidence" about its source, the newest first; of others, too. */
export function evidenceView(campaign: Campaign, events: readonly KeptEvent[]): EvidenceView {
  const steps = events
    .filter(({ event }) => event.campaignId === campaign.id)
    .flatMap(({ event: { atEpochMs, detail } }) => {
      if (detail.kind !== "evidence") return [];
      const { way, evidence, port } = detail;
      const text = formatStep(detail);
      return [{ at: isoTime(atEpochMs), way, level: evidence, port: port ?? null, text }];
    })
    .reverse();
  return {
    level: campaign.evidence,
    text: evidenceSentence(
      campaign,
      steps.some(({ level }) => level === campaign.evidence),
    ),
    campaign: campaign.id,
    steps,
  };
}

export function eventView({ id, event }: KeptEvent): EventView {
  return { id, ...happenedView(event) };
}

/** An event that the journal has not numbered yet. */
export function happenedView(event: StoryEvent): Omit<EventView, "id"> {
  const { atEpochMs, source, campaignId, detail } = event;
  const score = detail.kind === "verdict" ? detail.score : undefined;
  return {
    at: isoTime(atEpochMs),
    kind: detail.kind,
    address: source === undefined ? null : formatPrefix(source),
    campaign: campaignId ?? null,
    text: formatEvent(detail, atEpochMs),
    score: score === undefined ? null : scoreView(score, atEpochMs),
  };
}

export function hourView({ hourEpochMs, ...counts }: HourCounts): HourView {
  return { at: isoTime(hourEpochMs), ...counts };
}

/** @param lastAtEpochMs when the last step was taken. */
export function scoreView({ value, halfLifeMs, steps }: Score, lastAtEpochMs: number): ScoreView {
  const beganAtEpochMs = lastAtEpochMs - (steps.at(-1)?.afterMs ?? 0);
  return {
    value,
    recomputed: ratioOf(steps, halfLifeMs),
    convicts_at: CONVICTION_RATIO,
    half_life_seconds: halfLifeMs / 1000,
    steps: steps.map(({ transport, port, afterMs, factor }, index) => ({
      transport,
      port,
      at: isoTime(beganAtEpochMs + afterMs),
      factor,
      score: ratioOf(steps.slice(0, index + 1), halfLifeMs),
    })),
  };
}

function listedPorts(ports: KeptCampaign["campaign"]["ports"]): number {
  return ports
    .flatMap(({ ranges }) => ranges)
    .reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function untilOf(outcome: CampaignOutcome): string | null {
  if (outcome.status !== "banned" || outcome.untilEpochMs === undefined) return null;
  return isoTime(outcome.untilEpochMs);
}

function senderView(emitter: CampaignEmitter | undefined): CampaignView["sender"] {
  if (emitter === undefined) return null;
  const { sources, real, silent } = emitter;
  return {
    sources,
    real: real.map(({ source }) => formatPrefix(source)),
    silent: silent.map(formatPrefix),
  };
}
