/** A report as text for a mail: no line is made wider than it must be, nothing needs colours. */
import { counted } from "../../counted.ts";
import { escapeInvisible } from "../../invisible-text.ts";
import { formatTable } from "../table.ts";
import { formatAhead, formatLocalTime } from "../times.ts";
import { wrapWords } from "../wrap-words.ts";
import { type Count, type Summary, uncountedSentence } from "./summary.ts";

/** Stories in the text; the page has more. */
const MOST_TEXT_STORIES = 15;

/** Characters of the longest bar. */
const BAR = 30;

/** Characters of a name before its bar, at the least, so that the bars of all lists begin together. */
const NAME = 20;

/** Characters of a line of a story. */
const LINE = 76;

/** Columns over time in the text. */
const MOST_TEXT_COLUMNS = 24;

export function formatReport(summary: Summary, timeZone: string | undefined): string {
  const at = (epochMs: number) => formatLocalTime(epochMs, timeZone);
  const { sinceEpochMs, nowEpochMs, health } = summary;
  return [
    `Vedette, ${at(sinceEpochMs)} to ${at(nowEpochMs)}`,
    "",
    escapeInvisible(summary.sentence),
    escapeInvisible(totalsSentence(summary)),
    ...(summary.isCut ? ["There was more than could be read: the earliest is left out."] : []),
    ...healthLines(health),
    ...barLines("Probes over time", overTime(summary, at)),
    ...uncountedLines(summary),
    ...barLines("Ports, by campaigns that probed them", summary.ports),
    ...barLines("Sources, by probes", summary.topSources),
    ...barLines("Tools, by campaigns", summary.tools),
    ...barLines("Evidence, by campaigns", summary.evidence),
    ...barLines("What was done, by campaigns", summary.outcomes),
    ...banLines(summary),
    ...storyLines(summary, at),
  ].join("\n");
}

/** "3 scans among 12 campaigns of 9 sources, 4,711 probes; 3 bans made, 2 in force now." */
export function totalsSentence(summary: Summary): string {
  const { scans, campaigns, sources, probes, bansMade, bansInForce, fault } = summary;
  if (fault !== null) return `What happened is not known: ${fault} ${bansInForce} banned now.`;
  if (campaigns === 0) return `Nobody probed an unused port; ${bansInForce} banned now.`;
  const who = `${counted(campaigns, "campaign")} of ${counted(sources, "source")}`;
  const what = `${counted(scans, "scan")} among ${who}, ${counted(probes, "probe")}`;
  return `${what}; ${counted(bansMade, "ban")} made, ${bansInForce} in force now.`;
}

function healthLines(health: Summary["health"]): string[] {
  if (health.length === 0) return [];
  const lines = health.map(
    ({ severity, text, action }) =>
      `  ${severity}: ${escapeInvisible(text)}\n    What to do: ${escapeInvisible(action)}`,
  );
  return ["", "To know", ...lines];
}

/** Neighbours are put together until there are few enough lines. */
function overTime({ columns }: Summary, at: (epochMs: number) => string): Count[] {
  const each = Math.ceil(columns.length / MOST_TEXT_COLUMNS);
  const rows: Count[] = [];
  for (let first = 0; first < columns.length; first += each) {
    const together = columns.slice(first, first + each);
    const count = together.reduce((sum, { probes }) => sum + probes, 0);
    rows.push({ name: at(together[0]?.fromEpochMs ?? 0), count });
  }
  return rows.some(({ count }) => count > 0) ? rows : [];
}

function uncountedLines(summary: Summary): string[] {
  const sentence = uncountedSentence(summary);
  return sentence === undefined ? [] : ["", sentence];
}

/** A title and a line for each: its name, how many, and a bar. */
function barLines(title: string, counts: readonly Count[]): string[] {
  if (counts.length === 0) return [];
  const most = Math.max(...counts.map(({ count }) => count));
  const names = counts.map(({ name }) => escapeInvisible(name).padEnd(NAME));
  const numbers = counts.map(({ count }) => `${count}`);
  const width = Math.max(...numbers.map(({ length }) => length));
  const lines = counts.map(({ count }, index) => {
    const number = (numbers[index] ?? "").padStart(width);
    return `  ${names[index]}  ${number}  ${barOf(count, most)}`.trimEnd();
  });
  return ["", title, ...lines];
}

/** What is there has a bar, however short. */
function barOf(count: number, most: number): string {
  return count === 0 ? "" : "#".repeat(Math.max(1, Math.round((count / most) * BAR)));
}

function banLines({ bans, bansInForce }: Summary): string[] {
  if (bans.length === 0) return [];
  const table = formatTable(
    [{ title: "  ADDRESS" }, { title: "ENDS" }, { title: "EVIDENCE" }, { title: "REASON" }],
    bans
      .slice(0, MOST_TEXT_STORIES)
      .map(({ address, remaining_seconds: left, evidence, reason }) => [
        `  ${address}`,
        left === null ? "never" : formatAhead(left),
        evidence,
        reason,
      ]),
    undefined,
  );
  const more = bansInForce > MOST_TEXT_STORIES ? ["  The others: vedette bans"] : [];
  return ["", "Banned now, the newest first", table, ...more];
}

function storyLines({ stories, campaigns }: Summary, at: (epochMs: number) => string): string[] {
  if (stories.length === 0) return [];
  const lines = stories
    .slice(0, MOST_TEXT_STORIES)
    .flatMap(({ last, story }) => [
      `  ${at(Date.parse(last))}`,
      ...wrapWords(escapeInvisible(story), LINE - 4).map((line) => `    ${line}`),
    ]);
  const more = campaigns > MOST_TEXT_STORIES ? ["  The others: vedette campaigns"] : [];
  return ["", "Stories, scans first", ...lines, ...more];
}
