/**
 * The story of one address: why it is banned, or is not, and what would have kept it from that.
 *
 * Made from what the journal has, what the detector remembers now, and who is trusted; the same
 * with a guard and without one, where the detector's part is missing. The address is a person's; all
 * else is ours.
 */
import type { BanView, BlocklistedView, EvidenceView, WhyView } from "../api/contract.ts";
import type { Journal } from "../journal/journal.ts";
import { blocksHolding } from "../journal/source-key.ts";
import type { KeptCampaign, Stories } from "../journal/stories.ts";
import type { Campaign } from "../model/campaign.ts";
import { describeEvidence } from "../model/evidence.ts";
import type { Score } from "../model/verdict.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import { blocklistSentence } from "./blocklisted.ts";
import { formatStory } from "./campaign-lines.ts";
import { formatSpan } from "./spans.ts";
import { counted } from "./status-sentence.ts";
import { campaignView, eventView, evidenceView, scoreView } from "./story-views.ts";
import { banView } from "./views.ts";

/** Campaigns and events that one answer has; the lists have the rest. */
const MOST_CAMPAIGNS = 20;
const MOST_EVENTS = 100;

/** Steps of evidence of one source that are looked through; a campaign has seven at the most. */
const MOST_STEPS = 50;

export interface WhyParts {
  readonly journal: Pick<Journal, "findActiveBan">;
  readonly stories: Pick<Stories, "campaigns" | "events">;
  /** What counts against the source now; undefined: nothing, or it is not known. */
  readonly score: Score | undefined;
  /** Its campaign that goes on, as it is now; undefined: none does. */
  readonly ongoing: Campaign | undefined;
  readonly lastContactAtEpochMs: number;
  /** Why it is trusted; undefined: it is not. */
  readonly trusted: string | undefined;
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
  const { journal, stories, nowEpochMs, trusted, score, blocklists } = parts;
  const bans = blocksHolding(source)
    .flatMap((block) => journal.findActiveBan(block) ?? [])
    .map((ban) => banView(ban, nowEpochMs));
  const kept = stories.campaigns({ limit: MOST_CAMPAIGNS + 1, about: source });
  const campaigns = withOngoing(kept, parts.ongoing);
  const history = stories.events({ limit: MOST_EVENTS + 1, about: source });
  const address = formatPrefix(source);
  const told = campaigns.slice(0, MOST_CAMPAIGNS);
  return {
    address,
    summary: summaryOf(address, {
      bans,
      trusted,
      listed: blocklistSentence(parts.asked, blocklists, trusted !== undefined),
      score,
      latest: told[0]?.campaign,
      nowEpochMs,
    }),
    bans,
    trusted: trusted ?? null,
    blocklists: blocklists === null ? null : [...blocklists],
    score: score === undefined ? null : scoreView(score, parts.lastContactAtEpochMs),
    campaigns: told.map(campaignView),
    evidence: evidenceOf(told[0]?.campaign, stories),
    history: history.slice(0, MOST_EVENTS).map(eventView),
    more: campaigns.length > MOST_CAMPAIGNS || history.length > MOST_EVENTS,
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

/** What goes on is newer in memory than in the journal. */
function withOngoing(kept: KeptCampaign[], ongoing: Campaign | undefined): KeptCampaign[] {
  if (ongoing === undefined) return kept;
  const others = kept.filter(({ campaign }) => campaign.id !== ongoing.id);
  return [{ campaign: ongoing, isOver: false }, ...others].sort(
    (a, b) => b.campaign.lastAtEpochMs - a.campaign.lastAtEpochMs,
  );
}

interface Known {
  readonly bans: readonly BanView[];
  readonly trusted: string | undefined;
  /** What blocklists say, in words; empty: nothing. */
  readonly listed: string;
  readonly score: Score | undefined;
  readonly latest: Campaign | undefined;
  readonly nowEpochMs: number;
}

function summaryOf(address: string, known: Known): string {
  const { bans, trusted, listed } = known;
  const sentences = bans.map((ban) => banSentence(address, ban));
  if (trusted !== undefined) {
    sentences.push(`${address} is trusted (${trusted}): it is never held and never banned.`);
  }
  const isTold = sentences.length > 0;
  if (listed !== "") sentences.push(listed);
  if (!isTold) sentences.push(unbannedSentence(address, known));
  return sentences.join(" ");
}

function unbannedSentence(address: string, known: Known): string {
  const { listed, latest, nowEpochMs } = known;
  const standing = standingOf(known);
  if (latest === undefined) {
    if (listed !== "" && standing === "") {
      return `${address} is not banned, and the journal has no probe of it.`;
    }
    return standing === ""
      ? `Nothing is known of ${address}: it is not banned, and the journal has no probe of it.`
      : `${address} is not banned.${standing}`;
  }
  const ago = formatSpan(Math.max(0, nowEpochMs - latest.lastAtEpochMs));
  return `${address} is not banned.${standing} The latest, ${ago} ago: ${formatStory(latest)}.`;
}

/** "192.0.2.7 is banned for another 52 min (alive: …): 4 unused ports within 2 s: tcp 22, …". */
function banSentence(address: string, ban: BanView): string {
  const { remaining_seconds: seconds, origin, evidence, reason } = ban;
  const span = seconds === null ? "for good" : `for another ${formatSpan(seconds * 1000)}`;
  const who = ban.address === address ? address : `${address} is in ${ban.address}, which`;
  const what = origin === "operator" ? "by command" : describeEvidence(evidence);
  return `${who} is banned ${span} (${what}): ${reason}.`.replace(/\.\.$/, ".");
}

function standingOf({ score }: Known): string {
  if (score === undefined) return "";
  const contacts = counted(score.steps.length, "contact");
  return ` What counts now is ${contacts}, which make a scanner ${formatRatio(score.value)}.`;
}

/** A likelihood ratio in words: "16 times as likely", "4 times less likely". */
function formatRatio(ratio: number): string {
  const digits = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
  if (ratio >= 1) return `${digits(ratio)} times as likely as anybody honest`;
  return `${digits(1 / ratio)} times less likely than anybody honest`;
}
