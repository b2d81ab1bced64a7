/** What a start would say of the files that keys name, blocklists apart, as warnings. */
import type { ConfigFinding } from "../../config/findings.ts";
import type { Configuration } from "../../config/load.ts";

/** Loads the privileged code, and nothing where no key names a file. */
export async function findUnusableFiles({
  values,
  sources,
}: Pick<Configuration, "values" | "sources">): Promise<ConfigFinding[]> {
  const { ALERT_WEBHOOK, ALERT_MAIL_TO, ALERT_COMMAND, API_LISTEN, GEO_DB } = values;
  const ways = [ALERT_WEBHOOK, ALERT_MAIL_TO, ALERT_COMMAND, API_LISTEN];
  if (GEO_DB.length === 0 && ways.every((way) => way === undefined)) return [];
  const { surveyFiles } = await import("../../daemon/survey-files.ts");
  const faults = await surveyFiles(values);
  return faults.map(({ key, reason }) => ({ place: sources[key], text: `${key}: ${reason}` }));
}
