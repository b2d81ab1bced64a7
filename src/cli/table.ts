/**
 * Tables for people: columns as wide as their content, two blanks between them.
 *
 * Nothing is cut but the one column that may shrink, and only on a terminal, so that an address can
 * always be copied and a pipe always gets everything. Cells are escaped here.
 */
import { escapeInvisible } from "../invisible-text.ts";

export interface Column {
  readonly title: string;
  /** Default "left". */
  readonly align?: "left" | "right";
  /** Cut to the terminal's width, but not below {@link MIN_SHRUNK}; at most one of a table. */
  readonly mayShrink?: boolean;
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
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((row) => lengthOf(row[index] ?? ""))),
  );
  const shrinking = columns.findIndex((column) => column.mayShrink === true);
  if (width !== undefined && shrinking !== -1) {
    const total = widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1));
    const wanted = widths[shrinking] as number;
    const affordable = Math.max(wanted - Math.max(0, total - width), MIN_SHRUNK);
    widths[shrinking] = Math.min(wanted, affordable);
  }
  return cells
    .map((row) =>
      row
        .map((cell, index) => pad(cell, widths[index] as number, columns[index]?.align ?? "left"))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

/** Code points, not UTF-16 units: close enough to columns for what stands in our tables. */
function lengthOf(text: string): number {
  return [...text].length;
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const characters = [...text];
  if (characters.length > width) return `${characters.slice(0, width - 1).join("")}…`;
  const padding = " ".repeat(width - characters.length);
  return align === "left" ? text + padding : padding + text;
}
