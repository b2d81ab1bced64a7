/** How the guard itself is: what is wrong and what to do, and every count that it keeps. */
import type { StatusView } from "../../api/contract.ts";
import { formatFullTime, formatSpan } from "../format.ts";
import { live, now } from "../live.ts";
import { Icon } from "../parts/icon.tsx";
import { Empty } from "../parts/panel.tsx";
import { printable } from "../printable.ts";
import { useCell } from "../use-cell.ts";
import { Counts } from "./health/counts.tsx";
import { overallOf } from "./health/overall.ts";
import { Problems } from "./health/problems.tsx";
import { Trial } from "./health/trial.tsx";

export function HealthPage() {
  const { status } = useCell(live);
  if (status === undefined) return <Empty>Waiting for the guard …</Empty>;
  const { tone, title } = overallOf(status);
  return (
    <div class="health">
      <section class={`overall is-${tone}`} aria-label="How the guard is">
        <div class="overall-head">
          <span class="overall-sign">
            <Icon name={tone === "green" ? "check" : "warning"} />
          </span>
          <div>
            <h2>{title}</h2>
            <p class="dim">{printable(status.sentence)}</p>
          </div>
        </div>
        <Facts status={status} />
        {status.confirm_by !== null && <Trial until={status.confirm_by} />}
        {status.health.length > 0 && <Problems problems={status.health} />}
      </section>
      <Counts status={status} />
    </div>
  );
}

function Facts({ status }: { readonly status: StatusView }) {
  const nowMs = useCell(now);
  const { state, since, mode, version, config_revision: revision, table } = status;
  const facts: readonly (readonly [name: string, value: string, title?: string])[] = [
    ["State", state],
    ["Running for", runningFor(since, nowMs), since === null ? "" : formatFullTime(since)],
    ["TCP", mode.tcp],
    ["UDP", mode.udp],
    ["Version", version],
    ["Configuration", revision],
    ["To see its table", table === "" ? "there is none" : table],
  ];
  return (
    <dl class="overall-facts">
      {facts.map(([name, value, title]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={title === "" ? undefined : title}>{printable(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function runningFor(since: string | null, nowMs: number): string {
  return since === null ? "not running" : formatSpan((nowMs - Date.parse(since)) / 1000);
}
