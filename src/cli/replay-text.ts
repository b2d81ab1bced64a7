/**
 * What a replay found, as people read it: what was taken for ours and open, a table of who scanned,
 * and what another configuration would have done.
 *
 * Names of files and texts of the capture's making are escaped by whoever prints.
 */
import { counted } from "../counted.ts";
import type {
  EmitterView,
  GroupView,
  ReplayAnswer,
  ReplayCampaign,
  ReplayTreatment,
} from "../daemon/replay/answer-replay.ts";
import { formatDuration } from "../duration.ts";
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
  { title: "BANNED" },
  { title: "PORTS", mayShrink: true },
];

const DIFFERENCE_COLUMNS: readonly Column[] = [
  { title: "SOURCE" },
  { title: "HERE" },
  { title: "AGAINST", mayShrink: true },
];

/** Sources that are named one by one, and groups, senders and spared sources that are told. */
const MAX_NAMED = 8;
const MAX_TOLD = 20;

/** The whole answer. */
export function formatReplay(answer: ReplayAnswer, terminal: Terminal): string {
  const { damage, campaigns, unlisted, emitters, groups, against } = answer;
  const told = campaigns.filter(({ verdict, packets }) => verdict !== "benign" || packets > 0);
  const benign = campaigns.length - told.length + unlisted;
  return [
    formatCounts(answer),
    ...formatBases(answer),
    ...damage.map(({ file, offset, reason }) => `${file} was read to byte ${offset}: ${reason}.`),
    ...answer.notes,
    ...(told.length === 0 ? [] : ["", formatCampaigns(told, terminal)]),
    ...formatList(emitters.map(formatEmitter), "more senders of several addresses"),
    ...formatList(groups.map(formatGroup), "more groups"),
    ...formatList(campaigns.flatMap(formatSpared), "more that were spared"),
    ...(benign === 0
      ? []
      : [
          "",
          `${benign} ${told.length === 0 ? "" : "more "}${benign === 1 ? "source" : "sources"} asked for real services alone.`,
        ]),
    ...(against === undefined ? [] : ["", formatAgainst(against, terminal)]),
  ].join("\n");
}

function formatCounts({ packets, skipped, campaigns }: ReplayAnswer): string {
  const count = (wanted: ReplayCampaign["verdict"]) =>
    campaigns.filter(({ verdict }) => verdict === wanted).length;
  const scans = count("scan");
  return (
    `${counted(packets, "packet")}, ${skipped} of them skipped; ` +
    `${counted(scans, "scan")}, ${count("undecided")} undecided.`
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
      campaign.tool ?? "unknown",
      formatBans(campaign),
      campaign.ports,
    ]),
    terminal.columns,
  );
}

/** "1m, then 10m"; of more than three how many there are, and the last. */
function formatBans({ bans, outcome, spared }: ReplayCampaign): string {
  const lengths = bans.map(({ since, until }) =>
    until === null ? "for good" : formatDuration(Date.parse(until) - Date.parse(since)),
  );
  const last = lengths.at(-1);
  if (last === undefined) return spared === null ? "-" : `no: ${spared.reason}`;
  const told = lengths.length <= 3 ? lengths.join(", then ") : `${lengths.length}, last ${last}`;
  return outcome === "unbanned" ? `${told}, let in` : told;
}

/** Who sends under which names, and which of them is likely the sender. */
function formatEmitter({ count, sources, real }: EmitterView): string {
  const who = `${formatNames(sources, count)}: one sender with ${count} addresses`;
  if (real.length === 0) return `${who}; none has answered, so any of them may be a decoy.`;
  const names = new Set(real.map(({ source }) => source));
  const shown = real.map(({ source, evidence }) => `${source} is ${evidence}`);
  const decoys = sources.filter((source) => !names.has(source));
  const others = count - names.size;
  const rest = others === 0 ? "" : `; likely decoys: ${formatNames(decoys, others)}`;
  return `${who}; ${shown.join(", ")}${rest}.`;
}

/** "3 sources of 203.0.113.0/24 (203.0.113.1, …) probe together, 2 of them convicted: 6 ports …". */
function formatGroup(group: GroupView): string {
  const { prefix, sources, listed, convicted, banned, packets, portCount, tool } = group;
  const did = convicted === 0 ? "" : `, ${convicted} of them convicted, ${banned} banned`;
  const how = `${group.kinds.join(" ")}${tool === null ? "" : ` by ${tool}`}`;
  return (
    `${counted(sources, "source")} of ${prefix} (${formatNames(listed, sources)}) probe together${did}: ` +
    `${counted(portCount, "port")} (${how}; ${group.evidence}): ${group.ports}; ${counted(packets, "packet")}.`
  );
}

function formatSpared({ source, spared }: ReplayCampaign): string[] {
  return spared === null ? [] : [`${source} was spared: ${spared.text}`];
}

/** A paragraph of lines; nothing for none. */
function formatList(lines: readonly string[], what: string): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - MAX_TOLD;
  const rest = more > 0 ? [`and ${more} ${what}; --json has them.`] : [];
  return ["", ...lines.slice(0, MAX_TOLD), ...rest];
}

/** @param count how many there are, of whom `names` may be some. */
function formatNames(names: readonly string[], count: number): string {
  const shown = names.slice(0, MAX_NAMED);
  const more = count - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
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
  const many = counted(differences.length, "source");
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
  const again = bans.length - 1;
  const more = again === 0 ? "" : again === 1 ? " and once more" : ` and ${again} times more`;
  return [...parts, `banned ${first.since} ${until}${more}`].join(", ");
}
