/** The map as a table: for whoever reads by ear, and whoever wants the numbers. */
import { formatCount } from "../../format.ts";
import { Empty } from "../../parts/panel.tsx";
import { clockOf, type Grid, portsOf, rowsOf } from "./heat-grid.ts";

/** Minutes of a column. */
const SPAN = 10;

export function HeatTable({ grid }: { readonly grid: Grid }) {
  const rows = rowsOf(grid, SPAN);
  if (rows.length === 0) return <Empty>No port was probed in the last hour.</Empty>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys, too.
    <section class="wide-table" aria-label="Probes of ports by minutes" tabIndex={0}>
      <table class="rows">
        <caption class="hidden">Probes of all ports, in spans of ten minutes</caption>
        <thead>
          <tr>
            <th scope="col">Ports</th>
            {rows[0]?.spans.map((_, span) => (
              <th key={span} scope="col" class="number">
                {clockOf(grid, span * SPAN)}
              </th>
            ))}
            <th scope="col" class="number">
              The hour
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ band, total, spans }) => (
            <tr key={band}>
              <th scope="row">{portsOf(grid, band)}</th>
              {spans.map((probes, span) => (
                <td key={span} class={`number ${probes === 0 ? "faint" : ""}`}>
                  {formatCount(probes)}
                </td>
              ))}
              <td class="number total">{formatCount(total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
