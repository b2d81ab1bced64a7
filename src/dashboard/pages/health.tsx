/** How the guard itself is: what is wrong and what to do, and every count that it keeps. */
import type { StatusView } from "../../api/contract.ts";
import { formatFullTime, formatSpan } from "../format.ts";
import { live, now } from "../live.ts";
import { Empty, Panel } from "../parts/panel.tsx";
import { printable } from "../printable.ts";
import { useCell } from "../use-cell.ts";
import { Counts } from "./health/counts.tsx";
import { Problems } from "./health/problems.tsx";

export function HealthPage() {
  const { status } = useCell(live);
  if (status === undefined) return <Empty>Waiting for the guard …</Empty>;
  return (
    <div class="health">
      <Panel title="The guard" class="health-guard">
        <p class="sentence">{printable(status.sentence)}</p>
        <Facts status={status} />
      </Panel>
      <Panel
        title="Problems"
        class="health-problems"
        note={status.health.length === 0 ? "none" : String(status.health.length)}
      >
        <Problems problems={status.health} />
      </Panel>
      <Counts status={status} />
    </div>
  );
}

function Facts({ status }: { readonly status: StatusView }) {
  const nowMs = useCell(now);
  const { since, mode, version, config_revision: revision, table } = status;
  const facts: readonly (readonly [name: string, value: string, title?: string])[] = [
    ["State", status.state],
    ["Version", version],
    ...(since === null
      ? []
      : [
          [
            "Running for",
            formatSpan((nowMs - Date.parse(since)) / 1000),
            formatFullTime(since),
          ] as const,
        ]),
    ["TCP", mode.tcp],
    ["UDP", mode.udp],
    ["Configuration", revision],
    ["Its table", table === "" ? "none" : table],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value, title]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={title}>{printable(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
