/**
 * `vedette why ADDRESS`: why somebody is banned, or is not: in words, then step by step.
 */
import type { Command } from "commander";
import type { BlocklistedView, EventView, ScoreView, WhyView } from "../../api/contract.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { readGlobals } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { withOperator } from "../operator.ts";
import { print, printJson } from "../printable.ts";
import { formatTable } from "../table.ts";
import { formatAhead, formatLocalSeconds } from "../times.ts";

const EXAMPLES = `
Examples:
  vedette why 192.0.2.7
  vedette why 2001:db8::5            an address stands for its source, here a /64
  vedette why 192.0.2.0/24           everything about it and what is inside
  vedette why 192.0.2.7 --json | jq .campaigns
`;

export function addWhyCommand(program: Command, context: CliContext): void {
  program
    .command("why")
    .summary("tell the story of one address")
    .description(
      "Tells why an address or prefix is banned, held or trusted, or is not: what it did, how the " +
        "verdict was reached, what followed, and what would have prevented it. The time is kept of " +
        "the first probe, of the last one, and of each contact that made the score; other ports are " +
        "kept as ranges, without a time.",
    )
    .argument("<address>", "address or prefix")
    .addHelpText("after", EXAMPLES)
    .action(async (address: string, _flags: unknown, command: Command) => {
      const globals = readGlobals(command);
      const why = await withOperator(context, globals, ({ stories }) => stories.why(address));
      if (globals.json) printJson(context, why);
      else print(context, formatWhy(why, context));
    });
}

/** The whole story, in lines. */
export function formatWhy(why: WhyView, context: CliContext): string {
  const named = why.blocklists ?? [];
  const seen = why.campaigns.length + why.history.length + named.length;
  const isKnown = seen > 0 || why.score !== null;
  return [
    escapeInvisible(why.summary),
    ...formatFirstSeen(why, context),
    ...formatBansInside(why.bans),
    ...formatBlocklists(named),
    ...formatCampaigns(why, context),
    ...formatEvidence(why, context),
    ...formatVerdict(why, context),
    ...formatHistory(why.history, context),
    ...(why.more ? ["", `There is more: vedette history --address ${why.address}`] : []),
    ...(why.trusted === null && (isKnown || why.bans.length > 0) ? formatPrevention(why) : []),
  ].join("\n");
}

function formatFirstSeen({ first_seen: first }: WhyView, context: CliContext): string[] {
  if (first === null) return [];
  return [`First seen: ${formatLocalSeconds(Date.parse(first), context.timeZone)}`];
}

/** Three are in the summary. */
function formatBansInside(bans: WhyView["bans"]): string[] {
  const inside = bans.filter((ban) => ban.inside);
  if (inside.length <= 3) return [];
  const lines = inside.map(({ address, remaining_seconds: seconds, reason }) => {
    const ends = seconds === null ? "never ends" : `ends ${formatAhead(seconds)}`;
    return `  ${address}  ${ends}  ${escapeInvisible(reason)}`;
  });
  return ["", "Bans in force inside it, the latest first:", ...lines];
}

/** One is in the summary. */
function formatBlocklists(named: readonly BlocklistedView[]): string[] {
  if (named.length < 2) return [];
  const lines = named.map(({ address, file, line }) => {
    return `  ${escapeInvisible(file)}:${line}  ${address}`;
  });
  return ["", "Lines of blocklists that name it:", ...lines];
}

function formatCampaigns({ campaigns }: WhyView, context: CliContext): string[] {
  if (campaigns.length === 0) return [];
  const lines = campaigns.map(({ first, over, story, evidence_text }) => {
    const began = formatLocalSeconds(Date.parse(first), context.timeZone);
    const how = over ? "" : " (goes on)";
    return `  ${began}${how}  ${escapeInvisible(story)}\n    ${escapeInvisible(evidence_text)}`;
  });
  return ["", "What it did, the latest first:", ...lines];
}

/** How sure it is who sent the latest, step by step. */
function formatEvidence({ evidence, campaigns, address }: WhyView, context: CliContext): string[] {
  if (evidence === null) return [];
  const lines = evidence.steps.map(({ at, text }) => {
    return `  ${formatLocalSeconds(Date.parse(at), context.timeZone)}  ${escapeInvisible(text)}`;
  });
  return [
    "",
    `How sure it is who sent the latest${ofWhom(campaigns[0]?.address, address)}:`,
    `  ${escapeInvisible(evidence.text)}`,
    ...lines,
  ];
}

/** What counts now, or how the latest verdict was reached. */
function formatVerdict(why: WhyView, context: CliContext): string[] {
  const { score, history, campaigns, address } = why;
  if (score !== null) return ["", "What counts now:", formatSteps(score, context)];
  // Of the source that all else is about: in a prefix another's may be later.
  const whom = campaigns[0]?.address;
  const verdict = history.find((event) => {
    return event.score !== null && (whom === undefined || event.address === whom);
  });
  if (verdict?.score == null) return [];
  const title = `How the latest verdict${ofWhom(verdict.address, address)} was reached:`;
  return ["", title, formatSteps(verdict.score, context)];
}

/** " of 192.0.2.7"; nothing where that is whom all of the answer is about. */
function ofWhom(address: string | null | undefined, asked: string): string {
  return address == null || address === asked ? "" : ` of ${escapeInvisible(address)}`;
}

/** A table of steps, and the arithmetic in one sentence. */
function formatSteps(score: ScoreView, context: CliContext): string {
  const table = formatTable(
    [{ title: "  WHEN" }, { title: "WHAT" }, { title: "TIMES" }, { title: "SCORE" }],
    score.steps.map(({ at, transport, port, factor, score: after }) => [
      `  ${formatLocalSeconds(Date.parse(at), context.timeZone)}`,
      `${transport} ${port}`,
      `x ${formatNumber(factor)}`,
      formatNumber(after),
    ]),
    undefined,
  );
  const agrees = Math.abs(score.recomputed / score.value - 1) < 1e-9;
  const check = agrees
    ? `made again from these steps it is ${formatNumber(score.recomputed)}, too`
    : `made again from these steps it is ${formatNumber(score.recomputed)}: they do not agree`;
  const half = formatHalfLife(score.half_life_seconds);
  return (
    `${table}\n  A score of ${formatNumber(score.convicts_at)} convicts; what was seen is worth half ` +
    `after ${half}. The score was ${formatNumber(score.value)}; ${check}.`
  );
}

function formatHistory(history: readonly EventView[], context: CliContext): string[] {
  if (history.length === 0) return [];
  const lines = history.map(({ at, address, text }) => {
    const when = formatLocalSeconds(Date.parse(at), context.timeZone);
    return `  ${when}  ${escapeInvisible(address ?? "")}  ${escapeInvisible(text)}`;
  });
  return ["", "What followed, the latest first:", ...lines];
}

function formatPrevention({ prevention }: WhyView): string[] {
  const { ignore_line: line, ignore_file: file, command } = prevention;
  const where = file === null ? "the ignore file (IGNORE_FILE)" : file;
  return [
    "",
    "To keep it from being held or banned:",
    `  ${escapeInvisible(command)}`,
    `or for good, this line in ${escapeInvisible(where)}, and then vedette reload:`,
    `  ${escapeInvisible(line)}`,
  ];
}

/** Three digits, and whole numbers whole. */
function formatNumber(value: number): string {
  return Number.isInteger(value) ? `${value}` : value.toPrecision(3).replace(/\.?0+$/, "");
}

function formatHalfLife(seconds: number): string {
  return seconds >= 3600
    ? `${formatNumber(seconds / 3600)} h`
    : `${formatNumber(seconds / 60)} min`;
}
