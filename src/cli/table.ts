/**
 * Tables for people: columns as wide as their content, two blanks between them.
 *
 * Nothing is cut but the one column that may shrink, and only on a terminal, so that an address can
 * always be copied and a pipe always gets everything. Where that is not enough, columns that may
 * leave do, because a row that goes on in the next line cannot be read. Cells are escaped here.
 */
import { escapeInvisible } from "../invisible-text.ts";
import { cutToWidth, widthOf } from "./text-width.ts";

export interface Column {
  readonly title: string;
  /** Default "left". */
  readonly align?: "left" | "right";
  /** Cut to the terminal's width, but not below {@link MIN_SHRUNK}; at most one of a table. */
  readonly mayShrink?: boolean;
  /** Left out on a terminal that is too narrow; 1 goes first. Default: never. */
  readonly leaves?: number;
}

/** A column that shrinks keeps at least this many characters. */
const MIN_SHRUNK = 20;

const GAP = "  ";

/**
 * Lines without blanks or a line end at their ends. Rows have a cell for each column.
 * @param width columns of the terminal; undefined: as wide as it gets.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string {
  const cells = [columns.map((column) => column.title), ...rows].map((row) =>
    row.map(escapeInvisible),
  );
  const wanted = columns.map((_, index) =>
    Math.max(...cells.map((row) => widthOf(row[index] ?? ""))),
  );
  const shown = columnsThatFit(columns, wanted, width);
  const widths = new Map(shown.map((index) => [index, wanted[index] as number]));
  const shrinking = shown.find((index) => columns[index]?.mayShrink === true);
  if (width !== undefined && shrinking !== undefined) {
    const excess = Math.max(0, lengthOfRow([...widths.values()]) - width);
    widths.set(shrinking, leastOf(wanted[shrinking] as number, excess));
  }
  return cells
    .map((row) =>
      shown
        .map((index) =>
          pad(row[index] ?? "", widths.get(index) as number, columns[index]?.align ?? "left"),
        )
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

/** @returns the places of the columns that are shown, in their order. */
function columnsThatFit(
  columns: readonly Column[],
  wanted: readonly number[],
  width: number | undefined,
): number[] {
  const least = columns.map(({ mayShrink }, index) =>
    mayShrink === true ? leastOf(wanted[index] as number, Infinity) : (wanted[index] as number),
  );
  let shown = columns.map((_, index) => index);
  const leaving = shown
    .filter((index) => columns[index]?.leaves !== undefined)
    .sort((one, other) => (columns[one]?.leaves ?? 0) - (columns[other]?.leaves ?? 0));
  for (const index of leaving) {
    const narrowest = lengthOfRow(shown.map((each) => least[each] as number));
    if (width === undefined || narrowest <= width) break;
    shown = shown.filter((each) => each !== index);
  }
  return shown;
}

/** A column that shrinks by `excess`, but not below {@link MIN_SHRUNK}. */
function leastOf(wanted: number, excess: number): number {
  return Math.min(wanted, Math.max(wanted - excess, MIN_SHRUNK));
}

function lengthOfRow(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const own = widthOf(text);
  const shown = own > width ? `${cutToWidth(text, width - 1)}…` : text;
  const padding = " ".repeat(width - (own > width ? widthOf(shown) : own));
  return align === "left" ? shown + padding : padding + shown;
}
