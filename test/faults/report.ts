/** The table of a run, for people and as JSON. */

export interface Row {
  readonly fault: string;
  readonly done: string;
  readonly promised: string;
  /** What was seen; of a failure what was missing, of a skip why. */
  readonly seen: string;
  readonly outcome: "ok" | "FAIL" | "skipped";
  readonly seconds: number;
}

/** Widest text of each column; longer texts go on in the next line. Characters. */
const WIDTHS = [17, 30, 34, 44, 7, 4];

/** Lines of at most `width`, broken at blanks; a longer word is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (let rest = text.trim(); rest !== ""; ) {
    const blank = rest.length <= width ? rest.length : rest.lastIndexOf(" ", width);
    const end = blank > 0 ? blank : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return lines;
}

function formatCells(cells: readonly string[]): string {
  const columns = cells.map((cell, index) => wrap(cell, WIDTHS[index] ?? 0));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((lines, index) => (lines[line] ?? "").padEnd(WIDTHS[index] ?? 0))
      .join("  ")
      .trimEnd(),
  ).join("\n");
}

/** The whole table; ends with a line that counts. */
export function formatTable(rows: readonly Row[]): string {
  const count = (outcome: Row["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
  return [
    formatCells(["fault", "what was done", "what was promised", "what was seen", "", "s"]),
    ...rows.map((row) =>
      formatCells([
        ...[row.fault, row.done, row.promised, row.seen.replaceAll(/\s+/g, " ")],
        ...[row.outcome, String(row.seconds)],
      ]),
    ),
    `${count("ok")} ok, ${count("FAIL")} failed, ${count("skipped")} skipped`,
  ].join("\n\n");
}
