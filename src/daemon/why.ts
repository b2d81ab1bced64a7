/**
 * The story of one address: why it is banned, or is not, and what would have kept it from that.
 *
 * Made from what the journal has, what the detector remembers now, and who is trusted; the same
 * with a guard and without one, where the detector's part is missing. The address is a person's; all
 * else is ours.
 */
import type { BlocklistedView, EvidenceView, WhyView } from "../api/contract.ts";
import type { Journal } from "../journal/journal.ts";
import { blocksHolding } from "../journal/source-key.ts";
import type { KeptCampaign, Stories } from "../journal/stories.ts";
import type { Campaign } from "../model/campaign.ts";
import type { Score } from "../model/verdict.ts";
import { bits128Of, formatPrefix, type Prefix } from "../net/prefix.ts";
import type { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import { blocklistSentence } from "./blocklisted.ts";
import { campaignView, eventView, evidenceView, scoreView } from "./story-views.ts";
import { banView, isoTime } from "./views.ts";
import { MOST_NAMED, summaryOf } from "./why-summary.ts";

/** Campaigns and events that one answer has; the lists have the rest. */
const MOST_CAMPAIGNS = 20;
const MOST_EVENTS = 100;

/** Bans inside a prefix that one answer has. */
const MOST_BANS_INSIDE = 20;

/** Steps of evidence of one source that are looked through; a campaign has seven at the most. */
const MOST_STEPS = 50;

export interface WhyParts {
  readonly journal: Pick<Journal, "findActiveBan" | "activeBansInside">;
  readonly stories: Pick<Stories, "campaigns" | "events" | "firstContactAtEpochMs">;
  /** What counts against the source now; undefined: nothing, or it is not known. */
  readonly score: Score | undefined;
  /** What has become of a campaign since the journal was told of it. */
  readonly asItIsNow: (kept: KeptCampaign) => KeptCampaign;
  /** Its campaign that goes on, as it is now; undefined: none does. */
  readonly ongoing: Campaign | undefined;
  readonly lastContactAtEpochMs: number;
  /** Asked why all of it is trusted, and who is that is a part of it. */
  readonly trusted: Pick<TrustedPrefixes, "whyWhole" | "inside">;
  /** Whom a person has asked about, who may be a part of the source. */
  readonly asked: string;
  /** Entries of blocklists that hold all of that; null: not known. */
  readonly blocklists: readonly BlocklistedView[] | null;
  /** Path of the ignore file in force; undefined: there is none. */
  readonly ignoreFile: string | undefined;
  readonly nowEpochMs: number;
}

/** @param source whom the question is about: a source, or a wider prefix. */
export function tellWhy(source: Prefix, parts: WhyParts): WhyView {
  const { journal, stories, nowEpochMs, score, blocklists } = parts;
  const trusted = parts.trusted.whyWhole(source);
  const around = blocksHolding(source)
    .flatMap((block) => journal.findActiveBan(block) ?? [])
    .map((ban) => banView(ban, nowEpochMs));
  const inside = journal.activeBansInside(source, MOST_BANS_INSIDE);
  const insideViews = inside.bans.map((ban) => banView(ban, nowEpochMs));
  const kept = stories.campaigns({ limit: MOST_CAMPAIGNS + 1, about: source });
  const campaigns = withOngoing(kept.map(parts.asItIsNow), parts.ongoing);
  const history = stories.events({ limit: MOST_EVENTS + 1, about: source });
  const address = formatPrefix(source);
  const told = campaigns.slice(0, MOST_CAMPAIGNS);
  return {
    address,
    summary: summaryOf(address, {
      isOne: bits128Of(source) === 128,
      around,
      inside: insideViews,
      insideCount: inside.count,
      trusted,
      trustedInside: parts.trusted.inside(source, MOST_NAMED + 1),
      listed: blocklistSentence(parts.asked, blocklists, trusted !== undefined),
      score,
      latest: told[0]?.campaign,
      nowEpochMs,
    }),
    bans: [
      ...around.map((ban) => ({ ...ban, inside: false })),
      ...insideViews.map((ban) => ({ ...ban, inside: true })),
    ],
    first_seen: firstSeen(stories.firstContactAtEpochMs(source), parts.ongoing),
    trusted: trusted ?? null,
    blocklists: blocklists === null ? null : [...blocklists],
    score: score === undefined ? null : scoreView(score, parts.lastContactAtEpochMs),
    campaigns: told.map(campaignView),
    evidence: evidenceOf(told[0]?.campaign, stories),
    history: history.slice(0, MOST_EVENTS).map(eventView),
    more:
      campaigns.length > MOST_CAMPAIGNS ||
      history.length > MOST_EVENTS ||
      inside.count.isAtLeast ||
      inside.count.count > inside.bans.length,
    prevention: {
      ignore_line: address,
      ignore_file: parts.ignoreFile ?? null,
      command: `vedette trust ${address}`,
    },
  };
}

/** Asked for by itself, so that what followed cannot push it out of the answer. */
function evidenceOf(
  latest: Campaign | undefined,
  stories: Pick<Stories, "events">,
): EvidenceView | null {
  if (latest === undefined) return null;
  const kinds = ["evidence"] as const;
  return evidenceView(latest, stories.events({ limit: MOST_STEPS, about: latest.source, kinds }));
}

/** Of a campaign that has only begun the journal may not have been told. */
function firstSeen(keptAtEpochMs: number | undefined, ongoing: Campaign | undefined) {
  const known = [keptAtEpochMs, ongoing?.firstAtEpochMs].filter((at) => at !== undefined);
  return known.length === 0 ? null : isoTime(Math.min(...known));
}

/** What goes on is newer in memory than in the journal. */
function withOngoing(kept: KeptCampaign[], ongoing: Campaign | undefined): KeptCampaign[] {
  if (ongoing === undefined) return kept;
  const others = kept.filter(({ campaign }) => campaign.id !== ongoing.id);
  return [{ campaign: ongoing, isOver: false }, ...others].sort(
    (a, b) => b.campaign.lastAtEpochMs - a.campaign.lastAtEpochMs,
  );
}
