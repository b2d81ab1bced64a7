/** Writes docs/BENCHMARKS.md from the results of a run. Pure. */
import { formatBars } from "./bar-lines.ts";
import { leadsOf, present } from "./leads.ts";
import { formatLines, formatNumber, formatSpread } from "./report-table.ts";
import { type MachineFacts, numbersOf, type Results } from "./results.ts";
import type { Measure } from "./row.ts";
import { pairedRatios, spreadOf } from "./statistics.ts";

/** @returns the whole page. */
export function formatReport(results: Results): string {
  return `${introductionOf(results)}

${formatMachine(results)}

## What was measured

${formatTable(results)}

## What is promised

${formatBars(results)}

## Beside no guard

Ratios to the same round without a guard: 1 is no difference.

${formatRatios(results)}

## Where another is ahead

${formatLeads(results)}
`;
}

function introductionOf({ rounds, settings: { seconds, scans } }: Results): string {
  return `# Benchmarks

Vedette beside other programs that do its work, on one machine, in one run. \`sudo npm run bench\` makes
this page; it plays in network namespaces of its own, and nothing of the machine changes.

- ${rounds} ${rounds === 1 ? "round" : "rounds"}. In each, every contestant has a machine of its own, and row after row is measured
  on all of them, one after the other, in an order that rotates. Traffic flows for ${seconds} s a number;
  who is scanned is scanned ${scans === 1 ? "once" : `${scans} times, 11 s apart`}.
- A number is the median of the rounds, with the quartiles in brackets.
- A ratio is taken within a round. Of absolute numbers, only those of one table can be compared.
- How fast captures are judged is measured by itself: \`npm run bench:replay\`, [REPLAY.md](REPLAY.md).`;
}

function formatMachine({ machine, contestants }: Results): string {
  return `${formatFacts(machine)}

${contestants.map(({ title, version, setting }) => `- **${title}**${version === "-" ? "" : ` ${version}`}: ${setting}`).join("\n")}`;
}

/** The machine, its programs and its load, in one paragraph. */
export function formatFacts(machine: MachineFacts): string {
  const { processor, processors, memoryBytes, kernel, system, revision, tools } = machine;
  const versions = Object.entries(tools).map(([name, version]) => `${name} ${version}`);
  return `Measured ${machine.startedAt}${revision === undefined ? "" : ` at revision ${revision}`}: ${processors} × ${processor}, ${Math.round(memoryBytes / 2 ** 30)} GiB,
Linux ${kernel}, ${system}; ${versions.join(", ")}.
Load average before the first round ${machine.loadBefore}, after the last ${machine.loadAfter}.`;
}

function formatTable(results: Results): string {
  const { contestants, measures } = results;
  const lines = measures.map((measure) => [
    `${measure.title}, ${measure.unit}${formatDirection(measure)}`,
    ...contestants.map(({ id }) =>
      formatSpread(spreadOf(present(numbersOf(results, measure.id, id)))),
    ),
  ]);
  return formatLines(["what", ...contestants.map(({ title }) => title)], lines);
}

function formatDirection({ isMoreBetter }: Measure): string {
  if (isMoreBetter === null) return "";
  return isMoreBetter ? " (more is better)" : " (less is better)";
}

function formatRatios(results: Results): string {
  const { measures } = results;
  const guards = results.contestants.filter(({ id }) => id !== "none");
  const lines = measures
    .filter(({ isPaired }) => isPaired)
    .map((measure) => [
      measure.title,
      ...guards.map(({ id }) => formatSpread(spreadOf(ratiosOf(results, measure, id)), 3)),
    ]);
  return formatLines(["what", ...guards.map(({ title }) => title)], lines);
}

/** Ratios of one contestant to no guard, one for each round that has both. */
function ratiosOf(results: Results, { id }: Measure, contestant: string): number[] {
  return pairedRatios(numbersOf(results, id, contestant), numbersOf(results, id, "none"));
}

function formatLeads(results: Results): string {
  const leads = leadsOf(results);
  if (!results.contestants.some(({ id }) => id === "vedette")) return "Vedette took no part.";
  if (leads.length === 0) {
    return "Nobody: no number of another stands apart from Vedette's on the better side.";
  }
  const titles = new Map(results.contestants.map(({ id, title }) => [id, title]));
  return leads
    .map(
      ({ measure, contestant, theirs, ours }) =>
        `- ${titles.get(contestant)}, ${measure.title}: ${formatNumber(theirs.median)} ${measure.unit}; Vedette ${formatNumber(ours.median)}.`,
    )
    .join("\n");
}
