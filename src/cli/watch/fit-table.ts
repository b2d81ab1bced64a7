/** Tables in a fixed width: the columns that matter least are left out where there is no room. */
import { cutToWidth, widthOf } from "../text-width.ts";

export type Cell = string;

export interface Column {
  readonly title: string;
  /** 0 is there always; the highest goes first. */
  readonly priority: number;
  /** Default "left". */
  readonly align?: "left" | "right";
  /** Takes what the others leave, if that is worth it. At most one, of the highest priority. */
  readonly fills?: boolean;
}

const GAP = 2;

/** A column that fills is left out below this. */
const LEAST_FILL = 20;

/** @returns the titles and then a line for each row, none wider than `width`. */
export function fitTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
): string[] {
  const wanted = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => widthOf(row[index] ?? ""))),
  );
  const widths = new Map<number, number>();
  let left = width;
  const order = columns.map((_, index) => index).sort((one, other) => rank(one) - rank(other));
  for (const index of order) {
    const gap = widths.size === 0 ? 0 : GAP;
    const room = left - gap;
    const wish = wanted[index] ?? 0;
    const least = widths.size === 0 ? 1 : columns[index]?.fills === true ? LEAST_FILL : wish;
    if (room < Math.min(least, wish)) break;
    widths.set(index, Math.min(wish, room));
    left = room - Math.min(wish, room);
  }
  const shown = [...widths.keys()].sort((one, other) => one - other);
  return [columns.map(({ title }) => title), ...rows].map((row) =>
    shown
      .map((index) => pad(row[index] ?? "", widths.get(index) ?? 0, columns[index]?.align))
      .join(" ".repeat(GAP))
      .trimEnd(),
  );

  function rank(index: number): number {
    return columns[index]?.priority ?? 0;
  }
}

function pad(text: string, width: number, align: Column["align"] = "left"): string {
  const shown = cutToWidth(text, width);
  const padding = " ".repeat(width - widthOf(shown));
  return align === "left" ? shown + padding : padding + shown;
}
