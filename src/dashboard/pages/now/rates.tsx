/** Packets over time: each second of the last five minutes, and each minute of the last hour. */
import { useMemo } from "preact/hooks";
import type { ActivityView } from "../../../api/contract.ts";
import { formatCount, formatRate } from "../../format.ts";
import { SECONDS, type Second } from "../../live-state.ts";
import { Chart, type Line } from "../../parts/chart.tsx";

const HEIGHT_PX = 168;

/** What the time axis has at least. */
const LEAST_SECONDS = 60;

export function RateChart({ seconds }: { readonly seconds: readonly Second[] }) {
  const lines = useMemo<Line[]>(
    () => [
      { name: "Dropped", colour: "--slate", kind: "area", values: seconds.map((s) => s.dropped) },
      { name: "Probes", colour: "--blue", kind: "area", values: seconds.map((s) => s.probes) },
    ],
    [seconds],
  );
  const to = seconds.at(-1)?.at ?? Math.floor(Date.now() / 1000);
  // What was not seen yet takes no room.
  const heardSeconds = Math.max(LEAST_SECONDS, to - (seconds[0]?.at ?? to));
  const most = Math.max(0, ...seconds.map(({ probes }) => probes ?? 0));
  return (
    <Chart
      times={seconds.map(({ at }) => at)}
      lines={lines}
      heightPx={HEIGHT_PX}
      from={to - Math.min(SECONDS, heardSeconds)}
      to={to}
      format={formatRate}
      summary={`Packets in each second of the last five minutes; at most ${formatRate(most)} probes.`}
    />
  );
}

export function HourChart({ minutes }: Pick<ActivityView, "minutes">) {
  const times = useMemo(() => minutes.map(({ at }) => Date.parse(at) / 1000), [minutes]);
  const lines = useMemo<Line[]>(
    () => [
      { name: "Probes", colour: "--blue", kind: "bars", values: minutes.map((m) => m.probes) },
      {
        name: "Scans",
        colour: "--amber-bright",
        kind: "bars",
        values: minutes.map((m) => m.verdicts),
      },
    ],
    [minutes],
  );
  const sum = (of: "probes" | "verdicts" | "bans") =>
    minutes.reduce((total, each) => total + each[of], 0);
  const from = times[0] ?? 0;
  return (
    <Chart
      times={times}
      lines={lines}
      heightPx={HEIGHT_PX}
      from={from - 30}
      to={(times.at(-1) ?? 0) + 60}
      format={formatCount}
      summary={
        `In the last hour: ${formatCount(sum("probes"))} probes, ` +
        `${formatCount(sum("verdicts"))} scans convicted, ${formatCount(sum("bans"))} bans.`
      }
    />
  );
}
