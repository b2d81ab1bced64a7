/** Which ports are probed, and when. */
import { useState } from "preact/hooks";
import type { ActivityView } from "../../api/contract.ts";
import { formatAgo } from "../format.ts";
import { now } from "../live.ts";
import { Panel, Unknown } from "../parts/panel.tsx";
import { Segments } from "../parts/segments.tsx";
import { useAnswer } from "../use-answer.ts";
import { useCell } from "../use-cell.ts";
import { BusyPorts } from "./now/rankings.tsx";
import { mostOf } from "./ports/heat-grid.ts";
import { HeatLegend } from "./ports/heat-legend.tsx";
import { HeatMap } from "./ports/heat-map.tsx";
import { HeatTable } from "./ports/heat-table.tsx";

const EVERY_MS = 5000;

/** As many as the API lists. */
const MOST_PORTS = 32;

const HOW_TO_READ =
  "A line across is one service, tried again and again. A line down is a scan of all ports, a slope " +
  "is one that takes its time.";

const FORMS = [
  { value: "map", name: "Map" },
  { value: "table", name: "Table" },
] as const;

export function PortsPage() {
  const nowMs = useCell(now);
  const [form, setForm] = useState<string>("map");
  const { answer: activity, problem } = useAnswer<ActivityView>("/v1/activity", EVERY_MS);
  if (activity === undefined) return <Unknown problem={problem} />;
  const { grid, ports, ports_since: since } = activity;
  const most = mostOf(grid);
  return (
    <div class="ports-page">
      <Panel
        title="All ports, minute by minute"
        class="ports-heat"
        note={<Segments label="Form" chosen={form} choices={FORMS} onChoose={setForm} />}
      >
        {form === "map" ? <HeatMap grid={grid} /> : <HeatTable grid={grid} />}
        {form === "map" && (
          <footer class="heat-foot">
            <HeatLegend most={most} />
            <p class="faint">{most === 0 ? "No port was probed in the last hour." : HOW_TO_READ}</p>
          </footer>
        )}
      </Panel>
      <Panel
        title="Busiest ports"
        class="ports-busiest"
        note={`probes of the last ${formatAgo(Date.parse(since), nowMs)}`}
      >
        <BusyPorts ports={ports} most={MOST_PORTS} />
      </Panel>
    </div>
  );
}
