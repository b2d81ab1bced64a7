/**
 * `vedette status`: how the guard is, what is wrong and what to do about it, what it counted.
 *
 * What somebody must act on stands above the counts, what is only to be known below them.
 */
import type { Command } from "commander";
import type { HealthView, StatusView } from "../../api/contract.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { print, printJson } from "../printable.ts";
import { type Column, formatTable } from "../table.ts";
import { formatAgo, formatAhead, formatLocalTime } from "../times.ts";
import { indentWords } from "../wrap-words.ts";

const EXAMPLES = `
Examples:
  vedette status
  vedette status --json
`;

/** What somebody must act on, the worst first. */
const SEVERITIES = ["error", "warning"] as const;

/** Characters of the longest label, and of a count up to 999 999 999. */
const LABEL = 42;
const NUMBER = 11;

export function addStatusCommand(program: Command, context: CliContext): void {
  program
    .command("status")
    .summary("tell how the guard is")
    .description("Tells how the guard is, what it has counted, and what is wrong.")
    .addHelpText("after", EXAMPLES)
    .action(async (_flags: unknown, command: Command) => {
      const globals = readGlobals(command);
      const status = await withOperator(context, globals, (operator) => operator.status());
      if (globals.json) printJson(context, status);
      else print(context, formatStatus(status, context));
    });
}

function formatStatus(status: StatusView, context: CliContext): string {
  const notices = status.health.filter(({ severity }) => severity === "notice");
  const problems = SEVERITIES.flatMap((wanted) =>
    status.health.filter(({ severity }) => severity === wanted),
  );
  const parts = [indentWords(escapeInvisible(status.sentence), "", "", context.columns)];
  if (status.confirm_by !== null) parts.push(formatConfirmation(status.confirm_by, context));
  if (problems.length > 0) parts.push("", formatHealth("Problems:", problems, context));
  parts.push("", formatFacts(status, context));
  parts.push("", formatCounts("NOW", presentCounts(status), context));
  parts.push("", formatCounts("SO FAR", pastCounts(status), context));
  if (notices.length > 0) parts.push("", formatHealth("To know:", notices, context));
  if (status.health.length === 0) parts.push("", "No problems.");
  if (status.table !== "") {
    parts.push("", `Look at the table with: ${escapeInvisible(status.table)}`);
  }
  return parts.join("\n");
}

function formatConfirmation(confirmBy: string, context: CliContext): string {
  const seconds = (Date.parse(confirmBy) - context.clock.epochMs()) / 1000;
  const what = "What was started or applied last is taken back";
  return `${what} ${formatAhead(seconds)} unless you run: vedette confirm`;
}

/** What is no number; where no guard runs, some of it is not known. */
function formatFacts(status: StatusView, context: CliContext): string {
  const rows = [
    ["Running since", status.since === null ? "" : formatSince(status.since, context)],
    ["TCP mode", status.mode.tcp],
    ["UDP mode", status.mode.udp],
    ["Configuration", status.config_revision],
    ["Version", status.version],
  ].filter(([, value]) => value !== "");
  return formatTable([{ title: "GUARD" }, { title: "" }], rows, undefined);
}

type Count = readonly [label: string, count: number];

/** Both tables have the same columns, so that their numbers stand below each other. */
function formatCounts(title: string, counts: readonly Count[], { columns }: CliContext): string {
  const format = columns === undefined ? String : groupDigits;
  const rows = counts.map(([label, count]) => [label.padEnd(LABEL), format(count)]);
  const number: Column = { title: "".padEnd(NUMBER), align: "right" };
  return formatTable([{ title }, number], rows, undefined);
}

/** "1 234 567", for people (ISO 80000-1, section 7.3.1); a script would take its last group. */
function groupDigits(count: number): string {
  return `${count}`.replace(/\B(?=(?:\d{3})+$)/g, " ");
}

function presentCounts(status: StatusView): Count[] {
  const { blocklists } = status;
  return [
    ["Bans in force", status.banned],
    ["Sources held", status.held],
    ["Sources remembered", status.tracked],
    ["Scans under way", status.campaigns],
    ["Trusted addresses and prefixes", status.trusted],
    ...(blocklists === null
      ? []
      : ([
          ["Files of blocklists in force", blocklists.files],
          ["Their entries", blocklists.entries],
        ] satisfies Count[])),
  ];
}

function pastCounts(status: StatusView): Count[] {
  return [
    ["Probes received", status.probes],
    ["Scans told", status.verdicts],
    ["Holds", status.holds],
    ["Packets dropped of banned and held sources", status.dropped],
    ["Packets let through because trusted", status.trusted_saves],
    ...blocklistCounts(status.blocklists),
    ...challengeCounts(status.challenges),
    ...phantomCounts(status.phantom),
    ["Probes lost on the way to the guard", status.lost],
    ["Probes beyond the log limit", status.unlogged],
    ["Probes that found a kernel set full", status.full],
    ["Packets that could not be read", status.malformed],
    ["Journal writes that failed", status.journal_failures],
  ];
}

function challengeCounts(challenges: StatusView["challenges"]): Count[] {
  if (challenges === null) return [];
  return [
    ["Sources asked whether they are there", challenges.sent],
    ["Answers that prove one alive", challenges.answered],
    ["Answers with a wrong number", challenges.wrong],
    ["Questions beyond the budget", challenges.capped],
    ["Questions that could not be sent", challenges.unsent],
  ];
}

function phantomCounts(phantom: StatusView["phantom"]): Count[] {
  if (phantom === null) return [];
  return [
    ["Handshakes that prove a source", phantom.completed],
    ["Answers for ports that look open", phantom.sent],
    ["Such answers beyond the budget", phantom.capped],
    ["Such answers that could not be sent", phantom.unsent],
  ];
}

function blocklistCounts(blocklists: StatusView["blocklists"]): Count[] {
  if (blocklists === null) return [];
  return [["Packets dropped because of blocklists", blocklists.dropped]];
}

function formatSince(since: string, context: CliContext): string {
  const sinceEpochMs = Date.parse(since);
  const seconds = (context.clock.epochMs() - sinceEpochMs) / 1000;
  return `${formatLocalTime(sinceEpochMs, context.timeZone)} (${formatAgo(seconds)})`;
}

function formatHealth(
  title: string,
  health: readonly HealthView[],
  { columns }: CliContext,
): string {
  const lines = health.flatMap(({ severity, text, action, code }) => {
    const what = `${severity}: ${escapeInvisible(text)} (${escapeInvisible(code)})`;
    const remedy = `What to do: ${escapeInvisible(action)}`;
    return [
      indentWords(what, "  ", "    ", columns),
      indentWords(remedy, "    ", "      ", columns),
    ];
  });
  return [title, ...lines].join("\n");
}
