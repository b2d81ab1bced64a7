/**
 * The map of ports over an hour: where its cells are, and what they say in words.
 *
 * Pure. What the API leaves out, rows of minutes without a probe, counts as none.
 */
import type { ActivityView } from "../../../api/contract.ts";
import { counted, formatCount } from "../../format.ts";

export type Grid = ActivityView["grid"];

/** A minute across, a band of ports down; both by their place in the grid. */
export interface Cell {
  readonly minute: number;
  readonly band: number;
}

/** In the units of whoever draws. */
export interface Area {
  readonly width: number;
  readonly height: number;
}

/** Part of a band's height by which the wide bands stand off from the narrow ones. */
const TURN_PART = 0.75;

export function probesAt({ counts }: Grid, { minute, band }: Cell): number {
  return counts[minute]?.[band] ?? 0;
}

/** The highest count of one cell; 0: no port was probed. */
export function mostOf({ counts }: Grid): number {
  return counts.reduce((most, row) => row.reduce((high, each) => Math.max(high, each), most), 0);
}

/** The place of the first band that is wider than the first; that many are there if none is. */
function turnOf({ bands }: Grid): number {
  const [first] = bands;
  if (first === undefined) return 0;
  const place = bands.findIndex((each) => each.last - each.first > first.last - first.first);
  return place === -1 ? bands.length : place;
}

/** Of one band. */
export function bandHeight(grid: Grid, { height }: Area): number {
  return height / Math.max(1, grid.bands.length + gapsOf(grid));
}

/** The upper end of a band. */
export function topOf(grid: Grid, band: number, area: Area): number {
  return (band + (band >= turnOf(grid) ? gapsOf(grid) : 0)) * bandHeight(grid, area);
}

/** In heights of a band. */
function gapsOf(grid: Grid): number {
  return turnOf(grid) === grid.bands.length ? 0 : TURN_PART;
}

/** The left end of a minute; with the number of minutes: the right end of the last one. */
export function leftOf({ minutes }: Grid, minute: number, { width }: Area): number {
  return (minute * width) / Math.max(1, minutes.length);
}

/** @returns the cell there, or the nearest one; undefined: there is none at all. */
export function cellAt(grid: Grid, x: number, y: number, area: Area): Cell | undefined {
  const { minutes, bands } = grid;
  if (minutes.length === 0 || bands.length === 0) return undefined;
  const minute = clamp(Math.floor((x / area.width) * minutes.length), minutes.length);
  let band = 0;
  while (band + 1 < bands.length && topOf(grid, band + 1, area) <= y) band += 1;
  return { minute, band };
}

/** The cell that a key leads to; undefined: the key leads nowhere. */
export function cellAfterKey(grid: Grid, from: Cell, key: string): Cell | undefined {
  const { minutes, bands } = grid;
  const steps: Readonly<Record<string, Cell>> = {
    ArrowLeft: { ...from, minute: from.minute - 1 },
    ArrowRight: { ...from, minute: from.minute + 1 },
    ArrowUp: { ...from, band: from.band - 1 },
    ArrowDown: { ...from, band: from.band + 1 },
    PageUp: { ...from, band: from.band - 8 },
    PageDown: { ...from, band: from.band + 8 },
    Home: { ...from, minute: 0 },
    End: { ...from, minute: minutes.length - 1 },
  };
  const to = steps[key];
  if (to === undefined) return undefined;
  return { minute: clamp(to.minute, minutes.length), band: clamp(to.band, bands.length) };
}

/** Where most probes came; without any: the latest minute and the lowest ports. */
export function busiestCell(grid: Grid): Cell {
  let best: Cell = { minute: Math.max(0, grid.minutes.length - 1), band: 0 };
  for (const [minute, row] of grid.counts.entries()) {
    for (const [band, count] of row.entries()) {
      if (count > probesAt(grid, best)) best = { minute, band };
    }
  }
  return best;
}

/** "0–63". */
export function portsOf(grid: Grid, band: number): string {
  const found = grid.bands[band];
  return found === undefined ? "" : `${found.first}–${found.last}`;
}

/** "14:03", where the browser is. */
export function clockOf(grid: Grid, minute: number): string {
  const at = grid.minutes[minute];
  return at === undefined ? "" : new Date(at).toTimeString().slice(0, 5);
}

/** The whole map in two sentences, for whoever does not see it. */
export function summaryOf(grid: Grid): string {
  const total = grid.counts.reduce((sum, row) => sum + row.reduce((one, two) => one + two, 0), 0);
  if (total === 0) return "No port was probed in the last hour.";
  const cell = busiestCell(grid);
  return (
    `${counted(total, "probe")} of ports in the last hour. ` +
    `Most, ${formatCount(probesAt(grid, cell))}, came at ${clockOf(grid, cell.minute)} ` +
    `to ports ${portsOf(grid, cell.band)}.`
  );
}

/** A band that was probed, and its probes in each span of the hour. */
export interface BandRow {
  readonly band: number;
  readonly total: number;
  readonly spans: readonly number[];
}

/** The map as rows of a table: bands that were probed, in order, by spans of so many minutes. */
export function rowsOf(grid: Grid, spanMinutes: number): readonly BandRow[] {
  const spans = Math.ceil(grid.minutes.length / spanMinutes);
  return grid.bands
    .map((_, band) => {
      const sums = Array.from({ length: spans }, (_each, span) => {
        const rows = grid.counts.slice(span * spanMinutes, (span + 1) * spanMinutes);
        return rows.reduce((sum, row) => sum + (row[band] ?? 0), 0);
      });
      return { band, total: sums.reduce((one, two) => one + two, 0), spans: sums };
    })
    .filter(({ total }) => total > 0);
}

function clamp(place: number, length: number): number {
  return Math.max(0, Math.min(length - 1, place));
}
