/** `vedette campaigns`: who probed unused ports, one line a scan. */
import { type Command, Option } from "commander";
import type { CampaignView, ListedCampaignView } from "../../api/contract.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { print, printJson } from "../printable.ts";
import { addStoryOptions, type StoryFlags, storyQueryOf } from "../story-query.ts";
import { type Column, formatTable } from "../table.ts";
import { formatLocalTime } from "../times.ts";

const EXAMPLES = `
Examples:
  vedette campaigns
  vedette campaigns --since 24h --verdict scan
  vedette campaigns --address 192.0.2.0/24 --json
`;

const COLUMNS: readonly Column[] = [
  { title: "LAST" },
  { title: "ADDRESS" },
  { title: "PACKETS", align: "right" },
  { title: "PORTS", align: "right" },
  { title: "TOOL" },
  { title: "EVIDENCE" },
  { title: "VERDICT" },
  { title: "OUTCOME" },
  { title: "STORY", mayShrink: true },
];

interface CampaignsFlags extends StoryFlags {
  readonly verdict?: CampaignView["verdict"];
}

export function addCampaignsCommand(program: Command, context: CliContext): void {
  addStoryOptions(program.command("campaigns"))
    .summary("list scans and what else probed unused ports")
    .description("Lists campaigns, one a source and scan, the latest probe first.")
    .addOption(
      new Option("--verdict <verdict>", "those of this verdict").choices([
        "scan",
        "undecided",
        "benign",
      ]),
    )
    .option("--after <cursor>", "list those that follow this place, or the campaign of this id")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: CampaignsFlags, command: Command) => {
      const globals = readGlobals(command);
      const query = { ...storyQueryOf(flags, context), verdict: flags.verdict };
      const campaigns = await withOperator(context, globals, ({ stories }) =>
        stories.campaigns(query),
      );
      if (globals.json) printJson(context, campaigns);
      else print(context, formatCampaigns(campaigns, flags.limit, context));
    });
}

function formatCampaigns(
  campaigns: readonly ListedCampaignView[],
  limit: number,
  context: CliContext,
): string {
  const last = campaigns.at(-1);
  if (last === undefined) return "No campaigns.";
  const rows = campaigns.map((campaign) => [
    formatLocalTime(Date.parse(campaign.last), context.timeZone),
    campaign.address,
    `${campaign.packets}`,
    `${campaign.port_count}${campaign.ports_cut ? "+" : ""}`,
    campaign.tool ?? "-",
    campaign.evidence,
    campaign.verdict,
    campaign.over ? campaign.outcome : `${campaign.outcome}, goes on`,
    campaign.story,
  ]);
  const table = formatTable(COLUMNS, rows, context.columns);
  return campaigns.length < limit
    ? table
    : `${table}\nThere may be more: vedette campaigns --after ${last.cursor}`;
}
