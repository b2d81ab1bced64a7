/** What was added up of campaigns, in the shape of the API's contract. */
import type { CampaignTally } from "./network-runs.ts";
import { isoTime } from "./views.ts";

export function tallyView(tally: CampaignTally) {
  const { sources, campaigns, probes, scans, banned, lastAtEpochMs } = tally;
  return { sources, campaigns, probes, scans, banned, last: isoTime(lastAtEpochMs) };
}
