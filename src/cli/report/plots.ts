/**
 * Plots as SVG inside a page. Colours are the page's classes, so that they follow light and dark.
 *
 * Each has a name for who cannot see it, and a title at every mark for who points at it.
 */
import { escapeMarkup } from "./markup.ts";
import type { Count } from "./summary.ts";

/** One column: how high, what stands below it (not below each), what is told of it. */
export interface PlotColumn {
  readonly value: number;
  /** A mark above it, such as bans; 0: none. */
  readonly marked: number;
  readonly label: string;
  readonly title: string;
}

const WIDTH = 960;
const HEIGHT = 220;
const LEFT = 56;
const TOP = 14;
const BOTTOM = 28;

/** What "11-22 13:00" takes. */
const LABEL_WIDTH = 70;

/** Labels below the columns, at the most. */
const MOST_LABELS = 8;

export function columnsPlot(name: string, columns: readonly PlotColumn[]): string {
  const most = niceCeiling(Math.max(1, ...columns.map(({ value }) => value)));
  const height = HEIGHT - TOP - BOTTOM;
  const step = (WIDTH - LEFT) / Math.max(1, columns.length);
  const yOf = (value: number) => round(TOP + height - (value / most) * height);
  const lines = [0, 0.5, 1].map((part) => {
    const y = yOf(part * most);
    const label = formatCount(part * most);
    return (
      `<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"/>` +
      `<text class="axis" x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${label}</text>`
    );
  });
  const every = Math.ceil(columns.length / MOST_LABELS);
  const bars = columns.map(({ value, marked, label, title }, index) => {
    const x = round(LEFT + index * step);
    const top = value === 0 ? TOP + height : Math.min(yOf(value), TOP + height - 2);
    const bar =
      `<rect class="bar" x="${round(x + step * 0.1)}" y="${top}" width="${round(step * 0.8)}" ` +
      `height="${round(TOP + height - top)}"/>`;
    const middle = round(x + step / 2);
    const mark =
      marked === 0 ? "" : `<circle class="mark" cx="${middle}" cy="${round(top - 6)}" r="4"/>`;
    const below =
      index % every === 0 && x + LABEL_WIDTH <= WIDTH
        ? `<text class="axis" x="${round(x + step * 0.1)}" y="${HEIGHT - 8}">${escapeMarkup(label)}</text>`
        : "";
    return `<g><title>${escapeMarkup(title)}</title>${bar}${mark}</g>${below}`;
  });
  return svg(name, WIDTH, HEIGHT, [...lines, ...bars]);
}

const ROW = 24;
const NAME_WIDTH = 130;
const BAR_WIDTH = 180;
const COUNT_WIDTH = 50;

/** One bar below the other, each with its name before and its number behind it. */
export function barsPlot(name: string, counts: readonly Count[]): string {
  const most = Math.max(1, ...counts.map(({ count }) => count));
  const rows = counts.map(({ name: what, count }, index) => {
    const y = index * ROW;
    const width = Math.max(2, round((count / most) * BAR_WIDTH));
    const shown = what.length > 20 ? `${what.slice(0, 19)}…` : what;
    return (
      `<g><title>${escapeMarkup(`${what}: ${count}`)}</title>` +
      `<text class="name" x="${NAME_WIDTH - 8}" y="${y + 16}" text-anchor="end">${escapeMarkup(shown)}</text>` +
      `<rect class="bar" x="${NAME_WIDTH}" y="${y + 4}" width="${width}" height="${ROW - 8}" rx="2"/>` +
      `<text class="axis" x="${NAME_WIDTH + width + 6}" y="${y + 16}">${formatCount(count)}</text></g>`
    );
  });
  return svg(name, NAME_WIDTH + BAR_WIDTH + COUNT_WIDTH, Math.max(ROW, counts.length * ROW), rows);
}

function svg(name: string, width: number, height: number, parts: readonly string[]): string {
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(name)}">` +
    `${parts.join("")}</svg>`
  );
}

/** The next of 1, 2, 5, 10, 20 …, so that half of it is a number that one can read. */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((each) => each * power >= value) ?? 10;
  return Math.max(2, step * power);
}

/** "950", "12.3k", "4.5M". */
export function formatCount(count: number): string {
  if (count >= 1e6) return `${round(count / 1e6)}M`;
  return count >= 10_000 ? `${round(count / 1000)}k` : `${round(count)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
