/**
 * What a replay found, as people read it: what was taken for ours and open, a table of who scanned,
 * and what another configuration would have done.
 *
 * Names of files and texts of the capture's making are escaped by whoever prints.
 */
import type {
  ReplayAnswer,
  ReplayCampaign,
  ReplayTreatment,
} from "../daemon/replay/answer-replay.ts";
import type { CliContext } from "./context.ts";
import { type Column, formatTable } from "./table.ts";
import { formatLocalSeconds } from "./times.ts";

type Terminal = Pick<CliContext, "columns" | "timeZone">;

const COLUMNS: readonly Column[] = [
  { title: "SOURCE" },
  { title: "VERDICT" },
  { title: "FIRST" },
  { title: "LAST" },
  { title: "EVIDENCE" },
  { title: "KINDS" },
  { title: "TOOL" },
  { title: "BANS", align: "right" },
  { title: "PORTS", mayShrink: true },
];

const DIFFERENCE_COLUMNS: readonly Column[] = [
  { title: "SOURCE" },
  { title: "HERE" },
  { title: "AGAINST", mayShrink: true },
];

/** The whole answer. */
export function formatReplay(answer: ReplayAnswer, terminal: Terminal): string {
  const { damage, campaigns, unlisted, against } = answer;
  const told = campaigns.filter(({ verdict, packets }) => verdict !== "benign" || packets > 0);
  const benign = campaigns.length - told.length + unlisted;
  return [
    formatCounts(answer),
    ...formatBases(answer),
    ...damage.map(({ file, offset, reason }) => `${file} was read to byte ${offset}: ${reason}.`),
    ...answer.notes,
    ...(told.length === 0 ? [] : ["", formatCampaigns(told, terminal)]),
    ...(benign === 0
      ? []
      : [
          "",
          `${benign} ${benign === 1 ? "source" : "more sources"} asked for real services alone.`,
        ]),
    ...(against === undefined ? [] : ["", formatAgainst(against, terminal)]),
  ].join("\n");
}

function formatCounts({ packets, skipped, campaigns }: ReplayAnswer): string {
  const count = (wanted: ReplayCampaign["verdict"]) =>
    campaigns.filter(({ verdict }) => verdict === wanted).length;
  const scans = count("scan");
  return (
    `${packets} packets, ${skipped} of them skipped; ` +
    `${scans} ${scans === 1 ? "scan" : "scans"}, ${count("undecided")} undecided.`
  );
}

function formatBases({ ours, open }: ReplayAnswer): string[] {
  const how = (isInferred: boolean) => (isInferred ? " (inferred)" : "");
  return [
    `Ours: ${ours.what || "nobody"}${how(ours.inferred)}`,
    `Open: ${open.what || "nothing"}${how(open.inferred)}`,
  ];
}

function formatCampaigns(campaigns: readonly ReplayCampaign[], terminal: Terminal): string {
  const time = (text: string) => formatLocalSeconds(Date.parse(text), terminal.timeZone);
  return formatTable(
    COLUMNS,
    campaigns.map((campaign) => [
      campaign.source,
      campaign.verdict,
      time(campaign.first),
      time(campaign.last),
      campaign.evidence,
      campaign.kinds.join(" "),
      campaign.tool ?? "-",
      `${campaign.bans.length}`,
      campaign.ports,
    ]),
    terminal.columns,
  );
}

function formatAgainst(
  { config, differences }: NonNullable<ReplayAnswer["against"]>,
  terminal: Terminal,
): string {
  if (differences.length === 0) return `${config} would have done the same.`;
  const table = formatTable(
    DIFFERENCE_COLUMNS,
    differences.map(({ source, here, against }) => [
      source,
      formatTreatment(here),
      formatTreatment(against),
    ]),
    terminal.columns,
  );
  const many = differences.length === 1 ? "1 source" : `${differences.length} sources`;
  return `${config} would have treated ${many} differently:\n\n${table}`;
}

/** "scan, held, banned once from 13:45:02 for 1 h". */
function formatTreatment(treatment: ReplayTreatment | null): string {
  if (treatment === null) return "not seen";
  const { verdict, held, bans } = treatment;
  const [first] = bans;
  const parts = [verdict, ...(held ? ["held"] : [])];
  if (first === undefined) return [...parts, "not banned"].join(", ");
  const until = first.until === null ? "for good" : `until ${first.until}`;
  const more = bans.length > 1 ? ` and ${bans.length - 1} times more` : "";
  return [...parts, `banned ${first.since} ${until}${more}`].join(", ");
}
