/** What is happening now. */
import type { ActivityView } from "../../api/contract.ts";
import { formatRate } from "../format.ts";
import { live } from "../live.ts";
import { HeatStrip } from "../parts/heat-strip.tsx";
import { Empty, Panel, Unknown } from "../parts/panel.tsx";
import { useAnswer } from "../use-answer.ts";
import { useCell } from "../use-cell.ts";
import { EventFeed } from "./now/event-feed.tsx";
import { Figures } from "./now/figures.tsx";
import { BusyPorts, EvidenceLevels, Tools } from "./now/rankings.tsx";
import { HourChart, RateChart } from "./now/rates.tsx";
import { UnderWay } from "./now/under-way.tsx";

const ACTIVITY_EVERY_MS = 5000;

const HOUR_LEGEND = (
  <ul class="legend">
    <li class="is-blue">probes a minute</li>
    <li class="is-amber">scans</li>
  </ul>
);

export function NowPage() {
  const { status, rates, seconds, happened, campaigns, isHistoryKnown } = useCell(live);
  const { answer: activity, problem } = useAnswer<ActivityView>("/v1/activity", ACTIVITY_EVERY_MS);
  if (status === undefined) return <Empty>Waiting for the guard …</Empty>;
  const unknown = <Unknown problem={problem} />;
  return (
    <div class="now">
      <Figures status={status} rates={rates} />
      <Panel
        title="Packets a second"
        class="now-rates"
        note={
          <ul class="legend">
            <li class="is-blue">probes {rates && formatRate(rates.probes_per_second)}</li>
            <li class="is-slate">dropped {rates && formatRate(rates.dropped_per_second)}</li>
          </ul>
        }
      >
        <RateChart seconds={seconds} />
      </Panel>
      <Panel title="The last hour" class="now-hour" note={HOUR_LEGEND}>
        {activity ? (
          <HourChart minutes={activity.minutes} />
        ) : (
          <div class="chart-room">{unknown}</div>
        )}
      </Panel>
      <Panel title="Under way" class="now-campaigns" note="the latest probe first">
        <UnderWay campaigns={campaigns} isKnown={isHistoryKnown} />
      </Panel>
      <Panel title="What happened" class="now-feed" note="the newest first">
        <EventFeed happened={happened} isKnown={isHistoryKnown} />
      </Panel>
      <Panel title="All ports" class="now-heat" note="probes of the last 5 to 10 minutes">
        {activity ? <HeatStrip bands={activity.heat} /> : unknown}
      </Panel>
      <Panel title="Busiest ports" class="now-ports">
        {activity ? <BusyPorts ports={activity.ports} /> : unknown}
      </Panel>
      <Panel
        title="Evidence"
        class="now-evidence"
        note={`the latest ${campaigns.length} campaigns`}
      >
        <EvidenceLevels campaigns={campaigns} isKnown={isHistoryKnown} />
      </Panel>
      <Panel title="Tools" class="now-tools" note="scans of the last hour">
        {activity ? <Tools tools={activity.tools} /> : unknown}
      </Panel>
    </div>
  );
}
