/** Probes of all ports in one line: the low ones narrow, the high ones wide, the busy ones bright. */
import type { ActivityView } from "../../api/contract.ts";
import { counted, formatCount } from "../format.ts";
import { heatLevel } from "../heat.ts";

type Band = ActivityView["heat"][number];

/** Below this a band is narrow; the strip marks the place. */
const NARROW_END = 1024;

export function HeatStrip({ bands }: { readonly bands: readonly Band[] }) {
  const most = Math.max(0, ...bands.map(({ probes }) => probes));
  const busiest = bands.reduce<Band | undefined>(
    (best, each) => (each.probes > (best?.probes ?? 0) ? each : best),
    undefined,
  );
  const summary =
    busiest === undefined
      ? "No port was probed."
      : `Most probes, ${formatCount(busiest.probes)}, came to ports ${busiest.first} to ${busiest.last}.`;
  return (
    <figure class="heat-strip">
      <div role="img" aria-label={summary}>
        {bands.map(({ first, last, probes }) => (
          <i
            key={first}
            class={`heat-${heatLevel(probes, most)} ${first === NARROW_END ? "is-turn" : ""}`}
            title={`${first}–${last}: ${counted(probes, "probe")}`}
          />
        ))}
      </div>
      <figcaption aria-hidden="true">
        <span>0</span>
        <span class="turn">1024</span>
        <span>65535</span>
      </figcaption>
    </figure>
  );
}
