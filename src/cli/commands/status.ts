/** `vedette status`: how the guard is, what it counted, what is wrong and what to do about it. */
import type { Command } from "commander";
import type { HealthView, StatusView } from "../../api/contract.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { print, printJson } from "../printable.ts";
import { formatTable } from "../table.ts";
import { formatAgo, formatAhead, formatLocalTime } from "../times.ts";

const EXAMPLES = `
Examples:
  vedette status
  vedette status --json
`;

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
  const parts = [escapeInvisible(status.sentence)];
  if (status.confirm_by !== null) parts.push(formatConfirmation(status.confirm_by, context));
  parts.push("", formatCounts(status, context), "", formatHealth(status.health));
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

function formatCounts(status: StatusView, context: CliContext): string {
  const rows: (readonly [string, string | number])[] = [
    ["Bans in force", status.banned],
    ["Sources held now", status.held],
    ["Holds so far", status.holds],
    ["Sources remembered", status.tracked],
    ["Packets dropped of banned and held sources", status.dropped],
    ["Trusted addresses and prefixes", status.trusted],
    ["Packets let through because trusted", status.trusted_saves],
    ["Probes received", status.probes],
    ["Scans told", status.verdicts],
    ["Scans under way", status.campaigns],
    ["Probes lost on the way to the guard", status.lost],
    ["Probes beyond the log limit", status.unlogged],
    ["Probes that found a kernel set full", status.full],
    ["Packets that could not be read", status.malformed],
    ...challengeRows(status.challenges),
    ...phantomRows(status.phantom),
    ...blocklistRows(status.blocklists),
    ["Journal writes that failed", status.journal_failures],
    ["TCP mode", status.mode.tcp],
    ["UDP mode", status.mode.udp],
    ["Configuration", status.config_revision],
    ["Version", status.version],
  ];
  if (status.since !== null) rows.unshift(["Running since", formatSince(status.since, context)]);
  const columns = [{ title: "What" }, { title: "Now" }];
  return formatTable(
    columns,
    rows.map(([label, value]) => [label, `${value}`]),
    undefined,
  );
}

function challengeRows(challenges: StatusView["challenges"]): [string, number][] {
  if (challenges === null) return [];
  return [
    ["Sources asked whether they are there", challenges.sent],
    ["Answers that prove one alive", challenges.answered],
    ["Answers with a wrong number", challenges.wrong],
    ["Questions beyond the budget", challenges.capped],
    ["Questions that could not be sent", challenges.unsent],
  ];
}

function phantomRows(phantom: StatusView["phantom"]): [string, number][] {
  if (phantom === null) return [];
  return [
    ["Handshakes that prove a source", phantom.completed],
    ["Answers for ports that look open", phantom.sent],
    ["Such answers beyond the budget", phantom.capped],
    ["Such answers that could not be sent", phantom.unsent],
  ];
}

function blocklistRows(blocklists: StatusView["blocklists"]): [string, number][] {
  if (blocklists === null) return [];
  return [
    ["Files of blocklists in force", blocklists.files],
    ["Their entries", blocklists.entries],
    ["Packets dropped because of them", blocklists.dropped],
  ];
}

function formatSince(since: string, context: CliContext): string {
  const sinceEpochMs = Date.parse(since);
  const seconds = (context.clock.epochMs() - sinceEpochMs) / 1000;
  return `${formatLocalTime(sinceEpochMs, context.timeZone)} (${formatAgo(seconds)})`;
}

function formatHealth(health: readonly HealthView[]): string {
  if (health.length === 0) return "No problems.";
  const lines = health.map(
    ({ severity, text, action, code }) =>
      `  ${severity}: ${escapeInvisible(text)} (${escapeInvisible(code)})\n` +
      `    What to do: ${escapeInvisible(action)}`,
  );
  const areNotices = health.every(({ severity }) => severity === "notice");
  return [areNotices ? "To know:" : "Problems:", ...lines].join("\n");
}
