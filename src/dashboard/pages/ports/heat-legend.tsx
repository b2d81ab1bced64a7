/** What the brightness of a cell means: the least count of each step. */
import { formatShort } from "../../format.ts";
import { heatSteps } from "../../heat.ts";

export function HeatLegend({ most }: { readonly most: number }) {
  if (most === 0) return null;
  return (
    <dl class="heat-legend" aria-label="Probes a minute, by brightness">
      <dt class="heat-legend-name">Probes a minute</dt>
      {[{ level: 0, least: 0 }, ...heatSteps(most)].map(({ level, least }) => (
        <div key={level}>
          <dt class={`heat-${level}`} aria-hidden="true" />
          <dd>{level === 0 ? "none" : formatShort(least)}</dd>
        </div>
      ))}
    </dl>
  );
}
