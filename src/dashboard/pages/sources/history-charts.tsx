/** What came in the span: probes, and below them the scans and bans, which are far fewer. */
import { useMemo } from "preact/hooks";
import { counted, formatDay, formatShort } from "../../format.ts";
import { Chart, type Line } from "../../parts/chart.tsx";
import { type Period, sumOf } from "./periods.ts";
import type { Span } from "./span.ts";

const PROBES_PX = 124;
const SCANS_PX = 96;

export interface HistoryChartsProps {
  readonly periods: readonly Period[];
  readonly span: Span;
}

export function HistoryCharts({ periods, span }: HistoryChartsProps) {
  const axis = useMemo(() => axisOf(periods, span), [periods, span]);
  const probes = useMemo<Line[]>(
    () => [{ name: "probes", colour: "--blue", kind: "bars", values: valuesOf(periods, "probes") }],
    [periods],
  );
  const scans = useMemo<Line[]>(
    () => [
      {
        name: "scans",
        colour: "--amber-bright",
        kind: "bars",
        values: valuesOf(periods, "verdicts"),
      },
      { name: "bans", colour: "--red", kind: "thin-bars", values: valuesOf(periods, "bans") },
    ],
    [periods],
  );
  const sum = sumOf(periods);
  const unknown = periods.filter(({ counts }) => counts === null).length;
  return (
    <>
      <Chart
        {...axis}
        lines={probes}
        heightPx={PROBES_PX}
        hasTimes={false}
        summary={
          `${counted(sum.probes, "probe")} in ${span.name}.` +
          (unknown === 0 ? "" : ` Of ${counted(unknown, span.step)} nothing is known.`)
        }
      />
      <Chart
        {...axis}
        lines={scans}
        heightPx={SCANS_PX}
        summary={`${counted(sum.verdicts, "scan")} and ${counted(sum.bans, "ban")} in ${span.name}.`}
      />
    </>
  );
}

function valuesOf(
  periods: readonly Period[],
  of: "probes" | "verdicts" | "bans",
): readonly (number | null)[] {
  return periods.map(({ counts }) => counts?.[of] ?? null);
}

/** A bar stands in the middle of its period. */
function axisOf(periods: readonly Period[], span: Span) {
  const times = periods.map(({ fromMs, toMs }) => (fromMs + toMs) / 2000);
  const when = (epochSeconds: number): string => {
    const period = periods.find(({ toMs }) => toMs > epochSeconds * 1000);
    return period === undefined ? "" : periodName(period, span);
  };
  return {
    times,
    from: (periods[0]?.fromMs ?? 0) / 1000,
    to: (periods.at(-1)?.toMs ?? 0) / 1000,
    format: formatShort,
    when,
    together: "sources",
  };
}

function periodName({ fromMs, toMs }: Period, { step }: Span): string {
  if (step === "day") return formatDay(fromMs);
  const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 5);
  const hours = `${clock(fromMs)}–${clock(toMs)}`;
  return step === "hour" ? `${formatDay(fromMs)}, ${hours}` : clock(fromMs);
}
