/**
 * Writes docs/SCOREBOARD.md: one table for each kind of scenario, then who is ahead of Vedette,
 * where, and why.
 */
import { type Lead, leadOf, reasonOf } from "./ahead.ts";
import type { Outcome } from "./contest.ts";
import type { EngineEntry } from "./engines/engine.ts";
import type { Scenario, ScenarioKind } from "./scenario.ts";

/** One row: a scenario, and what each engine made of it, in the order of the columns. */
export interface Row {
  readonly scenario: Pick<Scenario, "id" | "kind" | "title"> & { readonly packetCount: number };
  readonly outcomes: readonly Outcome[];
}

/** The sections of the document: those of made traffic, and those of captures. */
export interface Sections {
  readonly made: string;
  readonly captures: string;
}

/** A place where somebody is ahead and nobody has said why. */
export interface Unexplained {
  readonly scenarioId: string;
  readonly engine: string;
  readonly lead: Lead;
}

/** Between them stands what is made from captures, so that it can be kept where they are not. */
const CAPTURES_BEGIN = "<!-- captures: begin -->";
const CAPTURES_END = "<!-- captures: end -->";

/** @returns the part of an earlier document that was made from captures; undefined: there is none. */
export function capturesSectionOf(document: string): string | undefined {
  const begin = document.indexOf(CAPTURES_BEGIN);
  const end = document.indexOf(CAPTURES_END);
  return begin === -1 || end < begin
    ? undefined
    : document.slice(begin + CAPTURES_BEGIN.length, end).trim();
}

/** @returns the tables, and who is ahead, of the rows of these kinds. */
export function formatSection(
  rows: readonly Row[],
  engines: readonly EngineEntry[],
  kinds: Readonly<Partial<Record<ScenarioKind, string>>>,
): string {
  const parts = Object.entries(kinds).map(([kind, heading]) => {
    const own = rows.filter(({ scenario }) => scenario.kind === kind);
    return `## ${heading}\n\n${formatTable(own, engines)}\n\n${formatLeads(own)}`;
  });
  return parts.join("\n\n");
}

/** @returns the whole document. */
export function formatDocument(
  { made, captures }: Sections,
  engines: readonly EngineEntry[],
): string {
  return `${INTRODUCTION}

${engines.map(({ name, rule }) => `- **${name}**: ${rule}`).join("\n")}

${made}

${CAPTURES_BEGIN}

${captures}

${CAPTURES_END}
`;
}

/** @returns every place where somebody is ahead and no words stand for it. */
export function unexplainedOf(rows: readonly Row[]): Unexplained[] {
  return rows.flatMap(({ scenario, outcomes }) =>
    leadsOf(outcomes)
      .filter(({ engine, lead }) => reasonOf(scenario.id, engine, lead) === undefined)
      .map(({ engine, lead }) => ({ scenarioId: scenario.id, engine, lead })),
  );
}

/** The first column is ours, and the second our own other setting. */
function leadsOf([ours, , ...peers]: readonly Outcome[]): { engine: string; lead: Lead }[] {
  return peers.flatMap((peer) => {
    const lead = ours === undefined ? undefined : leadOf(ours, peer);
    return lead === undefined ? [] : [{ engine: peer.engine, lead }];
  });
}

/** @returns the row as a line of its table. */
export function formatRow({ scenario, outcomes }: Row): string {
  return formatLine([scenario.title, ...outcomes.map(formatCell)]);
}

function formatTable(rows: readonly Row[], engines: readonly EngineEntry[]): string {
  const head = ["what", ...engines.map(({ name }) => name)];
  return [formatLine(head), formatLine(head.map(() => "---")), ...rows.map(formatRow)].join("\n");
}

function formatLine(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** "4 packets, 15 min", "50 of 50: 4 packets, 0.8 s; 3 of 30 innocent". */
function formatCell(outcome: Outcome): string {
  const { scanners, found, packets, seconds, innocents, falseConvictions } = outcome;
  const parts: string[] = [];
  if (scanners > 0 && found === 0) parts.push("not found");
  else if (packets !== undefined && seconds !== undefined) {
    const share = scanners > 1 ? `${found} of ${scanners}: ` : "";
    const word = packets === 1 ? "packet" : "packets";
    parts.push(`${share}${packets} ${word}, ${formatSpan(seconds)}`);
  }
  if (innocents > 0) {
    const wronged = `${falseConvictions} of ${innocents} innocent`;
    parts.push(falseConvictions === 0 ? wronged : `**${wronged}**`);
  }
  return parts.length === 0 ? formatOthers(outcome) : parts.join("; ");
}

function formatOthers({ others }: Outcome): string {
  return others === 0 ? "passes over" : "convicts";
}

/** Two figures below a minute, then whole minutes, then hours with one decimal. */
export function formatSpan(seconds: number): string {
  if (seconds < 0.0005) return "0 s";
  if (seconds < 60) return `${Number(seconds.toPrecision(seconds < 0.01 ? 1 : 2))} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Number((seconds / 3600).toFixed(1))} h`;
}

/** One line for each reason: who, where, why. */
function formatLeads(rows: readonly Row[]): string {
  const byReason = new Map<string, { engines: Set<string>; lead: Lead; titles: Set<string> }>();
  for (const { scenario, outcomes } of rows) {
    for (const { engine, lead } of leadsOf(outcomes)) {
      const reason = reasonOf(scenario.id, engine, lead) ?? "nobody has said why yet.";
      const key = `${lead} ${reason}`;
      const found = byReason.get(key) ?? { engines: new Set(), lead, titles: new Set() };
      byReason.set(key, found);
      found.engines.add(engine);
      found.titles.add(scenario.title);
    }
  }
  if (byReason.size === 0) return "Nobody is ahead of Vedette here.";
  const lines = [...byReason].map(([key, { engines, lead, titles }]) => {
    const where = titles.size === 1 ? `"${[...titles][0]}"` : `${titles.size} rows`;
    return `- ${[...engines].join(", ")} ${lead} (${where}): ${key.slice(lead.length + 1)}`;
  });
  return `Where somebody is ahead of Vedette:\n\n${lines.join("\n")}`;
}

const INTRODUCTION = `# Scoreboard

Vedette beside the rules of other engines, over the same packets. \`npm run scoreboard\` makes this
page; it needs no root and touches no network. Rules, not programs: each stands in a file of
\`bench/engines/\`, which names its source and what it leaves out.

- **packets, time**: what a scanner had sent when it was convicted, and for how long; the median
  where there are several.
- **innocent**: senders that must not be convicted, and were. Who is innocent until a scan begins,
  and convicted before, counts as a mistake and as found.
- A conviction is a verdict, and not yet a ban: what follows from one is each program's own affair.
  Vedette bans nobody who is trusted, and few who have proven nothing.
- Every engine is shown what it would see where it runs by itself: PortSentry and scanlogd each
  packet on the link, CrowdSec and psad what a firewall drops that lets the services through,
  Snort and simple-scan refusals, too. The made traffic has the answers of a machine without a
  firewall.
- Who is a scanner and who is innocent is declared by whoever made the packets, and known to no
  engine. All made traffic is the same in every run.`;
