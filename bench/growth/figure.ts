/**
 * A figure of curves as an SVG text. Pure.
 *
 * Each line has a colour, a kind of dash and a mark of its own, so that nobody needs to see colours;
 * the ground is transparent, and the ink follows the reader's colour scheme, also where the file is
 * shown as an image.
 */
import { type Extent, formatTick, type Scale, type ScaleKind, scaleOf } from "./scale.ts";

interface Line {
  readonly title: string;
  /** In the order of x; the drawing connects one with the next. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** One pair of axes. */
interface Panel {
  /** What the vertical axis counts, with its unit. */
  readonly title: string;
  readonly x: ScaleKind;
  readonly y: ScaleKind;
  readonly lines: readonly Line[];
}

export interface Figure {
  readonly title: string;
  /** What a reader who does not see the drawing is told. */
  readonly description: string;
  /** What the horizontal axes count. */
  readonly xTitle: string;
  readonly panels: readonly Panel[];
}

const PANEL_WIDTH = 400;
const TOP = 48;
const PLOT_HEIGHT = 240;
const LEFT = 56;
const RIGHT = 20;
const LEGEND_TOP = TOP + PLOT_HEIGHT + 56;
const LEGEND_LINE = 20;
/** So that no curve touches the frame's edge with half of its mark. */
const MARK = 4;

/** As many as a panel may have lines. Light ground, dark ground: both at least 3:1. */
const INKS = [
  ["#0b62c4", "#6cb0ff", ""],
  ["#b3470b", "#ffa066", "7 3"],
  ["#1d7a3a", "#6fd28b", "2 3"],
  ["#7a3fb0", "#c79bff", "9 3 2 3"],
  ["#8a6d00", "#e3c64b", "4 4"],
  ["#b0285f", "#ff8fbb", "12 4"],
] as const;

/** @throws {RangeError} when a panel has more lines than there are inks, or a point has no place. */
export function drawFigure({ title, description, xTitle, panels }: Figure): string {
  const most = Math.max(...panels.map(({ lines }) => lines.length));
  if (most > INKS.length) throw new RangeError(`${most} lines, and ${INKS.length} inks`);
  const width = PANEL_WIDTH * panels.length;
  const height = LEGEND_TOP + most * LEGEND_LINE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">${escapeXml(title)}</title>
<desc id="desc">${escapeXml(description)}</desc>
<style>${STYLE}</style>
${panels.map((panel, index) => drawPanel(panel, xTitle, index * PANEL_WIDTH)).join("\n")}
</svg>
`;
}

const STYLE = `
svg { color: #1f2328; font: 12px system-ui, sans-serif; }
text { fill: currentColor; }
.name { font-weight: 600; }
.frame { fill: none; stroke: currentColor; stroke-opacity: 0.5; }
.grid { stroke: currentColor; stroke-opacity: 0.15; }
.line { fill: none; stroke-width: 2; }
${INKS.map(([light], n) => `.ink${n} { stroke: ${light}; } .mark.ink${n} { fill: ${light}; }`).join("\n")}
@media (prefers-color-scheme: dark) {
svg { color: #e6edf3; }
${INKS.map(([, dark], n) => `.ink${n} { stroke: ${dark}; } .mark.ink${n} { fill: ${dark}; }`).join("\n")}
}
`;

function drawPanel({ title, x, y, lines }: Panel, xTitle: string, offset: number): string {
  const across: Extent = [offset + LEFT, offset + PANEL_WIDTH - RIGHT];
  const up: Extent = [TOP + PLOT_HEIGHT, TOP];
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) {
    return `<text class="name" x="${across[0]}" y="24">${escapeXml(title)}: not measured</text>`;
  }
  const xScale = scaleOf(
    x,
    points.map(([value]) => value),
    across,
  );
  const yScale = scaleOf(
    y,
    points.map(([, value]) => value),
    up,
  );
  const middle = (across[0] + across[1]) / 2;
  return [
    `<text class="name" x="${across[0]}" y="24">${escapeXml(title)}</text>`,
    drawGrid(xScale, yScale, across, up),
    `<text text-anchor="middle" x="${middle}" y="${up[0] + 38}">${escapeXml(xTitle)}</text>`,
    ...lines.map((line, index) => drawLine(line, index, xScale, yScale)),
    ...lines.map((line, index) => drawLegend(line, index, across[0])),
  ].join("\n");
}

function drawGrid(xScale: Scale, yScale: Scale, across: Extent, up: Extent): string {
  const [left, right] = across;
  const [bottom, top] = up;
  const columns = xScale.ticks.map((tick) => {
    const at = round(xScale.place(tick));
    return `<path class="grid" d="M${at} ${bottom}V${top}"/><text text-anchor="middle" x="${at}" y="${bottom + 18}">${formatTick(tick)}</text>`;
  });
  const rows = yScale.ticks.map((tick) => {
    const at = round(yScale.place(tick));
    return `<path class="grid" d="M${left} ${at}H${right}"/><text text-anchor="end" x="${left - 8}" y="${at + 4}">${formatTick(tick)}</text>`;
  });
  const frame = `<path class="frame" d="M${left} ${top}V${bottom}H${right}"/>`;
  return [...columns, ...rows, frame].join("\n");
}

function drawLine({ title, points }: Line, index: number, xScale: Scale, yScale: Scale): string {
  const places = points.map(([x, y]) => ({ x, y, at: place(x, y, xScale, yScale) }));
  const path = places.map(({ at: [left, top] }, n) => `${n === 0 ? "M" : "L"}${left} ${top}`);
  const marks = places.map(
    ({ x, y, at: [left, top] }) =>
      `<path class="mark ink${index}" d="${markAt(index, left, top)}"><title>${escapeXml(title)}: ${x.toLocaleString("en")}, ${formatTick(y)}</title></path>`,
  );
  return `<path class="line ink${index}"${dashOf(index)} d="${path.join("")}"/>\n${marks.join("\n")}`;
}

function place(x: number, y: number, xScale: Scale, yScale: Scale): [number, number] {
  return [round(xScale.place(x)), round(yScale.place(y))];
}

/** A square, a diamond, a triangle upwards, one downwards; then again, in another ink. */
function markAt(index: number, left: number, top: number): string {
  const forms = [
    `m-${MARK} -${MARK}h${2 * MARK}v${2 * MARK}h-${2 * MARK}z`,
    `m0 -${MARK + 1}l${MARK + 1} ${MARK + 1}l-${MARK + 1} ${MARK + 1}l-${MARK + 1} -${MARK + 1}z`,
    `m0 -${MARK}l${MARK} ${2 * MARK}h-${2 * MARK}z`,
    `m0 ${MARK}l${MARK} -${2 * MARK}h-${2 * MARK}z`,
  ];
  return `M${left} ${top}${forms[index % forms.length]}`;
}

function drawLegend({ title }: Line, index: number, left: number): string {
  const top = LEGEND_TOP + index * LEGEND_LINE;
  return [
    `<path class="line ink${index}"${dashOf(index)} d="M${left} ${top}h36"/>`,
    `<path class="mark ink${index}" d="${markAt(index, left + 18, top)}"/>`,
    `<text x="${left + 46}" y="${top + 4}">${escapeXml(title)}</text>`,
  ].join("");
}

function dashOf(index: number): string {
  const dash = INKS[index]?.[2];
  return dash ? ` stroke-dasharray="${dash}"` : "";
}

/** A tenth of a unit is finer than any screen. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}
