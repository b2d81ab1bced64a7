/** Which ports are probed. */
import type { ActivityView } from "../../api/contract.ts";
import { formatAgo } from "../format.ts";
import { now } from "../live.ts";
import { HeatStrip } from "../parts/heat-strip.tsx";
import { Empty, Panel } from "../parts/panel.tsx";
import { useAnswer } from "../use-answer.ts";
import { useCell } from "../use-cell.ts";
import { BusyPorts } from "./now/rankings.tsx";

const EVERY_MS = 5000;

export function PortsPage() {
  const nowMs = useCell(now);
  const { answer: activity, problem } = useAnswer<ActivityView>("/v1/activity", EVERY_MS);
  if (activity === undefined) return <Empty>{problem ?? ""}</Empty>;
  const since = formatAgo(Date.parse(activity.ports_since), nowMs);
  return (
    <div class="ports-page">
      <Panel title="All ports" note={`probes of the last ${since}`}>
        <HeatStrip bands={activity.heat} />
      </Panel>
      <Panel title="Busiest ports" note={`probes of the last ${since}`}>
        <BusyPorts ports={activity.ports} most={32} />
      </Panel>
    </div>
  );
}
