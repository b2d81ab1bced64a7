/** Reads what a report is made of, from whoever answers commands. */
import type { CampaignView, EventView, HourView } from "../../api/contract.ts";
import type { Operator } from "../../api/operator.ts";
import { OperationalError } from "../../errors.ts";
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
  const past = await readPast(operator.stories, sinceEpochMs);
  return {
    ...past,
    sinceEpochMs,
    nowEpochMs,
    status: await operator.status(),
    bans: await operator.bans(MOST_BANS, undefined),
  };
}

type Past = Pick<ReportInput, "campaigns" | "banEvents" | "hours" | "isCut" | "fault">;

/** How things stand now is told also when nothing can be read of the past. */
async function readPast(stories: Operator["stories"], sinceEpochMs: number): Promise<Past> {
  const query = { limit: PAGE, sinceEpochMs };
  try {
    const campaigns: CampaignView[] = await stories.campaigns(query);
    const banEvents: EventView[] = await stories.history({ ...query, kind: "ban" });
    const hours: HourView[] = await stories.timeline({ limit: PAGE, sinceEpochMs });
    const isCut = [campaigns, banEvents, hours].some(({ length }) => length === PAGE);
    return { campaigns, banEvents: firstOfEach(banEvents), hours, isCut, fault: null };
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== "ERR_JOURNAL") throw error;
    return { campaigns: [], banEvents: [], hours: [], isCut: false, fault: error.message };
  }
}

/** A ban that is lengthened on stronger evidence is the same ban: of a campaign the first counts. */
function firstOfEach(newestFirst: readonly EventView[]): EventView[] {
  const byCampaign = new Map(newestFirst.map((event) => [event.campaign ?? event.id, event]));
  return [...byCampaign.values()];
}
