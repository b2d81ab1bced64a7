/** What a replay found: the shape of `vedette replay --json`. */
import type { Campaign, CampaignOutcome, CampaignVerdict } from "../../model/campaign.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { ProbeKind } from "../../model/probe.ts";
import type { Tool } from "../../model/tool.ts";
import { formatPrefix, type Prefix } from "../../net/prefix.ts";
import type { PassedOver } from "../../replay/replay-sensor.ts";
import type { CaptureReading } from "../../sensors/capture-file.ts";
import { formatCampaignPorts } from "../campaign-lines.ts";
import { basesOf, type ReplayBasis } from "./bases.ts";
import { type EmitterView, emitterView, type GroupView, groupView } from "./company.ts";
import { isoTime } from "./iso-time.ts";
import type { ReplayStories } from "./replay-campaigns.ts";
import { replayNotes } from "./replay-notes.ts";
import type { ReplayBan } from "./replay-responder.ts";
import type { SourceTimes, Visit } from "./visits.ts";

/**
 * So many of our addresses probed by one source are a scan, though of one port. A guard, which has
 * an address or a few, convicts nobody by one port: that is a client whose service has stopped. A
 * capture may be of a whole network, where nobody honest misses so often.
 */
const SWEEP_ADDRESSES = 8;

/** Sources that asked for real services alone; those beyond are counted. */
const MAX_BENIGN = 1000;

/** What one source did. All times are the captures' own, in ISO 8601. */
export interface ReplayCampaign {
  /** An address, or a prefix where one source is one. */
  readonly source: string;
  readonly first: string;
  readonly last: string;
  /** Probes, those included that came while the source was shut out. */
  readonly packets: number;
  /** Addresses of ours that it probed; there may be more, see `Campaign`. */
  readonly destinations: number;
  /** Unused ports that it probed, compressed: "tcp 20-25, 80; udp 53". */
  readonly ports: string;
  readonly kinds: readonly ProbeKind[];
  readonly tool: Tool | null;
  readonly evidence: Evidence;
  /**
   * `scan`: convicted, or a sweep of {@link SWEEP_ADDRESSES} of our addresses or more, which the
   * guard tells and bans nobody for. `undecided`: it touched unused ports, too few to tell. `benign`: it asked for
   * real services alone, or they speak for it more than its probes speak against it.
   */
  readonly verdict: CampaignVerdict;
  /** The likelihood ratio at the first verdict, or at the end; null: no rule has one. */
  readonly score: number | null;
  /** Why it was convicted; null: it was not. */
  readonly reason: string | null;
  /** Whether the kernel would have held it. */
  readonly held: boolean;
  /**
   * The bans that would have been made, those included that lengthen one on stronger evidence.
   * `until` null: for good. `lifted`: when the source was let in again, because it is likely a
   * decoy; null: it was not.
   */
  readonly bans: readonly {
    readonly since: string;
    readonly until: string | null;
    readonly evidence: Evidence;
    readonly lifted: string | null;
  }[];
  /** What the latest verdict came to; "none": there was no verdict. */
  readonly outcome: CampaignOutcome["status"];
  /**
   * Why nothing followed from the latest verdict: a name for programs, and a sentence. null: that is
   * not its outcome.
   */
  readonly spared: { readonly reason: string; readonly text: string } | null;
}

/** A file that was read to a damage. */
interface ReplayDamage {
  readonly file: string;
  /** Where the first record begins that could not be read; bytes, in the unpacked file. */
  readonly offset: number;
  readonly reason: string;
}

/** Packets of a file that were not looked at, because of their link layer. */
interface ReplayUnread {
  readonly file: string;
  /** The number of the first such link type. */
  readonly linkType: number;
  readonly packets: number;
}

export interface ReplayReport {
  readonly packets: number;
  /** Packets that are no IP, or could not be decoded. */
  readonly skipped: number;
  readonly damage: readonly ReplayDamage[];
  /** Files with packets of another link type beside those that were read. */
  readonly unread: readonly ReplayUnread[];
  /** What is otherwise than it looks, one sentence each. */
  readonly notes: readonly string[];
  readonly ours: ReplayBasis;
  readonly open: ReplayBasis;
  /** In the order of their first packets. */
  readonly campaigns: readonly ReplayCampaign[];
  /** Sources that asked for real services alone and are not among `campaigns`. */
  readonly unlisted: number;
  /** Senders of several addresses among them; the first 1,000. */
  readonly emitters: readonly EmitterView[];
  /** Neighbours that probe together, in the order in which that ended; the first 1,000. */
  readonly groups: readonly GroupView[];
}

export interface ReplayFindings {
  readonly known: Parameters<typeof basesOf>[0] & { readonly notes: readonly string[] };
  /** Probes that found a set of the kernel's full. */
  readonly full: number;
  /** What the sensor passed over: {@link PassedOver}. */
  readonly passedOver: PassedOver;
  readonly readings: readonly { readonly file: string; readonly reading: CaptureReading }[];
  /** IP packets that contradict themselves, or were cut in their headers. */
  readonly undecodable: number;
  readonly stories: ReplayStories;
  readonly visits: Iterable<Visit>;
  readonly bansOf: (source: Prefix) => readonly ReplayBan[];
}

/** @returns what is told of a replay. */
export function reportOf(findings: ReplayFindings): ReplayReport {
  const { readings, undecodable } = findings;
  const sum = (count: (reading: CaptureReading) => number) =>
    readings.reduce((total, { reading }) => total + count(reading), 0);
  return {
    packets: sum(({ counts }) => counts.packets),
    skipped: sum(({ counts }) => counts.packets - counts.ip) + undecodable,
    notes: [...findings.known.notes, ...replayNotes(findings)],
    ...basesOf(findings.known),
    damage: readings.flatMap(({ file, reading: { damage } }) =>
      damage === undefined ? [] : [{ file, offset: damage.offsetBytes, reason: damage.reason }],
    ),
    unread: readings.flatMap(({ file, reading: { counts, unknownLinkType: linkType } }) =>
      linkType === undefined ? [] : [{ file, linkType, packets: counts.unknownLink }],
    ),
    ...listCampaigns(findings),
    emitters: findings.stories.emitters.map(emitterView),
    groups: findings.stories.groups.map(groupView),
  };
}

function listCampaigns({
  stories,
  visits,
  bansOf,
}: ReplayFindings): Pick<ReplayReport, "campaigns" | "unlisted"> {
  const times = new Map([...visits].map((visit) => [visit.source, visit]));
  const probing = stories.campaigns.map((campaign) => {
    const { source } = campaign;
    const told = probingView(campaign, timesOf(campaign, times.get(source)), bansOf(source));
    times.delete(source);
    return told;
  });
  // Whose campaign was forgotten among too many others is no visitor for that.
  const visitors = [...times.values()]
    .filter(({ hasProbed }) => !hasProbed)
    .sort((a, b) => a.firstAtEpochMs - b.firstAtEpochMs || (a.source < b.source ? -1 : 1));
  const benign = visitors.slice(0, MAX_BENIGN).map(visitingView);
  return {
    campaigns: [...probing, ...benign].sort(
      (a, b) => compare(a.first, b.first) || compare(a.source, b.source),
    ),
    unlisted: visitors.length - benign.length,
  };
}

/** When a source came with anything: by visits alone where they know its probes, too. */
function timesOf(campaign: Campaign, visit: Visit | undefined): SourceTimes {
  if (visit === undefined || visit.hasProbed) return visit ?? campaign;
  return {
    firstAtEpochMs: Math.min(campaign.firstAtEpochMs, visit.firstAtEpochMs),
    lastAtEpochMs: Math.max(campaign.lastAtEpochMs, visit.lastAtEpochMs),
  };
}

function probingView(
  campaign: Campaign,
  times: SourceTimes,
  bans: readonly ReplayBan[],
): ReplayCampaign {
  const { source, packets, kinds, tool, evidence, score, wasHeld, outcome } = campaign;
  return {
    ...judged(campaign),
    source: formatPrefix(source),
    first: isoTime(times.firstAtEpochMs),
    last: isoTime(times.lastAtEpochMs),
    packets,
    destinations: campaign.destinations.count,
    ports: formatCampaignPorts(campaign, Number.POSITIVE_INFINITY),
    kinds,
    tool: tool ?? null,
    evidence,
    score: score ?? null,
    held: wasHeld,
    bans: bans.map(({ sinceEpochMs, untilEpochMs, evidence: shown, liftedAtEpochMs }) => ({
      since: isoTime(sinceEpochMs),
      until: untilEpochMs === undefined ? null : isoTime(untilEpochMs),
      evidence: shown,
      lifted: liftedAtEpochMs === undefined ? null : isoTime(liftedAtEpochMs),
    })),
    outcome: outcome.status,
    spared: outcome.status === "spared" ? { reason: outcome.reason, text: outcome.text } : null,
  };
}

/** The detector's verdict, or that on a sweep: {@link SWEEP_ADDRESSES}. */
function judged({
  verdict,
  reason,
  destinations,
}: Campaign): Pick<ReplayCampaign, "verdict" | "reason"> {
  const { count, isAtLeast } = destinations;
  if (verdict !== "undecided" || count < SWEEP_ADDRESSES) {
    return { verdict, reason: reason ?? null };
  }
  const many = isAtLeast ? `at least ${count}` : `${count}`;
  return { verdict: "scan", reason: `sweep of ${many} of our addresses` };
}

function visitingView({ source, firstAtEpochMs, lastAtEpochMs }: Visit): ReplayCampaign {
  return {
    source: formatPrefix(source),
    first: isoTime(firstAtEpochMs),
    last: isoTime(lastAtEpochMs),
    packets: 0,
    destinations: 0,
    ports: "",
    kinds: [],
    tool: null,
    evidence: "claimed",
    verdict: "benign",
    score: null,
    reason: null,
    held: false,
    bans: [],
    outcome: "none",
    spared: null,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
