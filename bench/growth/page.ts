/** The part of docs/BENCHMARKS.md that says how things grow, and the figures that it shows. Pure. */
import { formatFacts } from "../live/report.ts";
import { formatLines, formatNumber } from "../live/report-table.ts";
import type { MachineFacts } from "../live/results.ts";
import { curveOf } from "./curve.ts";
import { drawFigure } from "./figure.ts";
import type { GrowthPoint, GrowthResults } from "./results.ts";
import type { Curve, Subject } from "./subject.ts";

/** Names of tools in a machine's facts. */
const USED = ["Node", "nftables"];

const HEADING = "## How it grows";

/** Name of the file of a subject's figure. */
export function figureFile({ name }: Subject): string {
  return `growth-${name}.svg`;
}

/** @returns the figure of one subject. */
export function figureOf(subject: Subject, points: readonly GrowthPoint[]): string {
  const { title, sizeTitle, x, groups, words } = subject;
  return drawFigure({
    title,
    description: words,
    xTitle: sizeTitle,
    panels: groups.map((group) => ({
      title: group.title,
      ...{ x, y: group.y },
      lines: measuredOf(group.curves, points).map((curve) => ({
        title: curve.title,
        points: curveOf(points, curve.id).map(({ size, value }) => [size, value] as const),
      })),
    })),
  });
}

/** Those of which a run has a number at all: it may be older than a curve. */
function measuredOf(curves: readonly Curve[], points: readonly GrowthPoint[]): readonly Curve[] {
  return curves.filter(({ id }) => points.some(({ numbers }) => numbers[id] !== undefined));
}

/**
 * @param folder where the figures lie, as seen from the page.
 * @returns the section, from its heading to its end.
 */
export function formatGrowth(
  { machine, settings, subjects }: GrowthResults,
  all: readonly Subject[],
  folder: string,
): string {
  const measured = all.filter(({ name }) => (subjects[name] ?? []).length > 0);
  const parts = measured.map((subject) => formatSubject(subject, subjects[subject.name], folder));
  return `${HEADING}

What Vedette costs as that grows which it has to keep. \`sudo npm run bench:growth\` makes this part. Traffic flows
for ${settings.seconds} s a number, questions are asked ${settings.questions} times; numbers are medians, and the
curves go through the sizes of the tables. The guard is that of this checkout with its defaults.

${formatFacts({ ...machine, tools: usedOf(machine.tools) })}

${parts.join("\n\n")}
`;
}

/** The programs that play a part here, of all whose versions are known. */
function usedOf(tools: MachineFacts["tools"]): MachineFacts["tools"] {
  return Object.fromEntries(Object.entries(tools).filter(([name]) => USED.includes(name)));
}

function formatSubject(
  subject: Subject,
  points: readonly GrowthPoint[] = [],
  folder: string,
): string {
  const { title, sizeTitle, groups, words } = subject;
  const curves = groups.flatMap((group) =>
    measuredOf(group.curves, points).map((curve) => ({
      id: curve.id,
      head: `${curve.title} (${group.title})`,
    })),
  );
  const lines = points.map(({ size, numbers }) => [
    size.toLocaleString("en"),
    ...curves.map(({ id }) => {
      const spread = numbers[id];
      return spread === undefined ? "-" : formatNumber(spread.median);
    }),
  ]);
  return `### ${title}

![${title}: ${groups.map((group) => group.title).join("; ")}](${folder}/${figureFile(subject)})

${words}

${formatBends(subject.bends(points))}${formatLines([sizeTitle, ...curves.map(({ head }) => head)], lines)}`;
}

function formatBends(paragraphs: readonly string[]): string {
  const told = paragraphs.filter((paragraph) => paragraph !== "");
  if (told.length === 0) return "";
  return `**Why the curves run so.** ${told.join("\n\n")}\n\n`;
}

/** @returns the page with this section at its end, in the place of the one that it has. */
export function withGrowth(page: string, section: string): string {
  const { before } = split(page);
  return before === "" ? section : `${before.trimEnd()}\n\n${section}`;
}

/** @returns the new page with the section of the old one, which is made by another command. */
export function keepGrowth(page: string, old: string): string {
  const { section } = split(old);
  return section === "" ? page : withGrowth(page, section);
}

/** It is the last of its page. */
function split(page: string): { before: string; section: string } {
  const at = `\n${page}`.indexOf(`\n${HEADING}\n`);
  if (at < 0) return { before: page, section: "" };
  return { before: page.slice(0, at), section: page.slice(at) };
}
