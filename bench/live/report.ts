/** Writes docs/BENCHMARKS.md from the results of a run. Pure. */
import { formatBars } from "./bar-lines.ts";
import { leadsOf, present } from "./leads.ts";
import type { Reason } from "./reasons.ts";
import { formatLines, formatNumber, formatSpread } from "./report-table.ts";
import { type MachineFacts, numbersOf, type Results } from "./results.ts";
import type { Measure } from "./row.ts";
import { formatShownElsewhere } from "./shown-elsewhere.ts";
import { pairedRatios, spreadOf } from "./statistics.ts";

/**
 * @param reasons what is told where a bar is not met.
 * @returns the whole page, but for how things grow.
 */
export function formatReport(results: Results, reasons: readonly Reason[] = []): string {
  return `${introductionOf(results)}

${formatMachine(results)}

## What was measured

${formatTable(results)}${formatNotes(results)}

## What is promised

${formatBars(results, reasons)}

### Bars that other commands show

${formatShownElsewhere()}

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
- A number is the median of the rounds, with the quartiles in brackets. Rows that take long are
  measured in the first round and every second one; where a line has fewer rounds, it says how many.
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
  // A tool that is not there has played no part.
  const known = Object.entries(tools).filter(([, version]) => version !== "unknown");
  const versions = known.map(([name, version]) => `${name} ${version}`);
  return `Measured ${machine.startedAt}${revision === undefined ? "" : ` at revision ${revision}`}: ${processors} × ${processor}, ${Math.round(memoryBytes / 2 ** 30)} GiB,
Linux ${kernel}, ${system}; ${versions.join(", ")}.
Load average before the first round ${machine.loadBefore}, after the last ${machine.loadAfter}.`;
}

function formatTable(results: Results): string {
  const { contestants, measures } = results;
  const lines = measures.map((measure) => {
    const values = contestants.map(({ id }) => present(numbersOf(results, measure.id, id)));
    const rounds = Math.max(...values.map(({ length }) => length));
    const words = [directionOf(measure), rounds === 0 ? "" : roundsOf(rounds, results.rounds)];
    const said = words.filter((word) => word !== "").join("; ");
    return [
      `${measure.title}, ${measure.unit}${said === "" ? "" : ` (${said})`}`,
      ...values.map((each) => {
        const fewer = each.length === 0 ? "" : roundsOf(each.length, rounds);
        return `${formatSpread(spreadOf(each))}${fewer === "" ? "" : `; ${fewer}`}`;
      }),
    ];
  });
  return formatLines(["what", ...contestants.map(({ title }) => title)], lines);
}

/** Behind the table, of what was measured. */
function formatNotes(results: Results): string {
  return results.measures
    .filter(({ id, note }) => note !== undefined && hasNumbers(results, id))
    .map(({ title, note }) => `\n\n**${title}**: ${note}`)
    .join("");
}

function hasNumbers({ numbers }: Results, measure: string): boolean {
  return Object.values(numbers[measure] ?? {}).some((values) =>
    values.some((each) => each !== null),
  );
}

function directionOf({ isMoreBetter }: Measure): string {
  if (isMoreBetter === null) return "";
  return isMoreBetter ? "more is better" : "less is better";
}

/** Nothing where it is as many as there were. */
function roundsOf(rounds: number, all: number): string {
  if (rounds >= all) return "";
  return `${rounds} ${rounds === 1 ? "round" : "rounds"}`;
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
