/**
 * What a second configuration would have done differently with the same captures.
 *
 * Sources are compared one by one, by what matters to them: the verdict, the hold, and the bans.
 */
import type { ReplayCampaign, ReplayReport } from "./report.ts";

/** What one configuration did with a source. */
export type ReplayTreatment = Pick<ReplayCampaign, "verdict" | "held" | "bans" | "reason">;

/** A source that the two treat differently. */
export interface ReplayDifference {
  readonly source: string;
  /** By the first configuration; null: it saw nothing of the source. */
  readonly here: ReplayTreatment | null;
  /** By the second. */
  readonly against: ReplayTreatment | null;
}

/** @returns who is treated differently, in the order of the first report, then of the second. */
export function compareReports(here: ReplayReport, against: ReplayReport): ReplayDifference[] {
  const others = new Map(against.campaigns.map((campaign) => [campaign.source, campaign]));
  const differences: ReplayDifference[] = [];
  for (const campaign of here.campaigns) {
    const other = others.get(campaign.source);
    others.delete(campaign.source);
    if (!isAlike(campaign, other)) differences.push(differenceOf(campaign.source, campaign, other));
  }
  for (const other of others.values()) {
    if (!isAlike(undefined, other)) differences.push(differenceOf(other.source, undefined, other));
  }
  return differences;
}

/** Words for the same thing do not differ; a source that nobody listed was benign. */
function isAlike(one: ReplayCampaign | undefined, other: ReplayCampaign | undefined): boolean {
  const essence = (campaign: ReplayCampaign | undefined) =>
    JSON.stringify([campaign?.verdict ?? "benign", campaign?.held ?? false, campaign?.bans ?? []]);
  return essence(one) === essence(other);
}

function differenceOf(
  source: string,
  here: ReplayCampaign | undefined,
  against: ReplayCampaign | undefined,
): ReplayDifference {
  return { source, here: treatmentOf(here), against: treatmentOf(against) };
}

function treatmentOf(campaign: ReplayCampaign | undefined): ReplayTreatment | null {
  if (campaign === undefined) return null;
  const { verdict, held, bans, reason } = campaign;
  return { verdict, held, bans, reason };
}
