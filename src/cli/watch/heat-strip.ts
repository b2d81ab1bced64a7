/** Bands of ports as one row of marks, the warmer the more probes. */
import type { ActivityView } from "../../api/contract.ts";

const BLOCKS = [..." ▁▂▃▄▅▆▇█"];
const ASCII = [..." .:-=+*#@"];

/**
 * Bands share a mark where there are fewer columns than bands. On a logarithmic scale, so that one
 * probe is seen beside a flood.
 */
export function heatStrip(heat: ActivityView["heat"], columns: number, isUtf8: boolean): string {
  const name = "ports 0 ";
  const end = " 65535";
  const width = Math.min(heat.length, columns - name.length - end.length);
  const cells = new Array<number>(Math.max(0, width)).fill(0);
  for (const [index, { probes }] of heat.entries()) {
    const cell = Math.floor((index * width) / heat.length);
    cells[cell] = (cells[cell] ?? 0) + probes;
  }
  const marks = isUtf8 ? BLOCKS : ASCII;
  const most = Math.log1p(Math.max(1, ...cells));
  const row = cells.map((probes) => {
    const height = Math.ceil((Math.log1p(probes) / most) * (marks.length - 1));
    return marks[height] ?? " ";
  });
  return `${name}${row.join("")}${end}`;
}
