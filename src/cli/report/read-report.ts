/** Reads what a report is made of, from whoever answers commands. */
import type { CampaignView, EventView, HourView } from "../../api/contract.ts";
import type { Operator } from "../../api/operator.ts";
import type { ReportInput } from "./summary.ts";

/** As much as the API lists at once; a report of more is one of a part. */
const PAGE = 10_000;

/** Bans in force that the report may list. */
const MOST_BANS = 50;

export async function readReport(
  operator: Pick<Operator, "stories" | "status" | "bans">,
  sinceEpochMs: number,
  nowEpochMs: number,
): Promise<ReportInput> {
  const query = { limit: PAGE, sinceEpochMs };
  const campaigns: CampaignView[] = await operator.stories.campaigns(query);
  const banEvents: EventView[] = await operator.stories.history({ ...query, kind: "ban" });
  const hours: HourView[] = await operator.stories.timeline({ limit: PAGE, sinceEpochMs });
  return {
    sinceEpochMs,
    nowEpochMs,
    status: await operator.status(),
    campaigns,
    banEvents: firstOfEach(banEvents),
    hours,
    bans: await operator.bans(MOST_BANS, undefined),
    isCut: [campaigns, banEvents, hours].some(({ length }) => length === PAGE),
  };
}

/** A ban that is lengthened on stronger evidence is the same ban: of a campaign the first counts. */
function firstOfEach(newestFirst: readonly EventView[]): EventView[] {
  const byCampaign = new Map(newestFirst.map((event) => [event.campaign ?? event.id, event]));
  return [...byCampaign.values()];
}
