/**
 * A plot of numbers over time, by uPlot, in the colours of the page.
 *
 * Drawn on a canvas, which says nothing to whoever reads by ear: `summary` does. It follows its
 * frame's width, and is made anew when the colours change.
 */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { formatDay, formatMarks } from "../format.ts";
import { colourOf, paint } from "../theme.ts";
import { unknownRuns } from "../unknown-runs.ts";
import { useCell } from "../use-cell.ts";

export interface Line {
  readonly name: string;
  /** Name of a colour of the style sheet: "--blue". */
  readonly colour: string;
  /** `thin-bars` stand before `bars`. */
  readonly kind: "area" | "line" | "bars" | "thin-bars";
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  /** Epoch seconds, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly heightPx: number;
  /** Of the time axis, in epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly format: (value: number) => string;
  /** Whether the times stand below. Default true. */
  readonly hasTimes?: boolean;
  /** What the tip calls a time. Default: the time of day. */
  readonly when?: (epochSeconds: number) => string;
  /** Charts that have the same one point at the same time together. */
  readonly together?: string;
  readonly summary: string;
}

/** The least height of the value axis, so that one packet is no mountain. */
const LEAST_TOP = 5;

/**
 * Width of the value axis: six characters and the gap. The same for all charts, so that those that
 * stand one above the other have the same times in the same place.
 */
const VALUES_PX = 50;

/** Between two lines of a hatching, in px. */
const HATCH_PX = 7;

/** Below this height (px) the value axis is marked more closely. */
const LOW_PX = 120;

export function Chart(props: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const turn = useCell(paint);
  // What the axes span; uPlot asks whenever it has other numbers.
  const latest = useRef(props);
  latest.current = props;
  const { times, lines, heightPx, from, to } = props;
  useEffect(() => {
    const at = frame.current;
    if (at === null) return;
    const made = new uPlot(optionsOf(latest, at.clientWidth), dataOf(times, lines), at);
    plot.current = made;
    const sizes = new ResizeObserver(() => {
      if (at.clientWidth > 0) made.setSize({ width: at.clientWidth, height: heightPx });
    });
    sizes.observe(at);
    return () => {
      sizes.disconnect();
      made.destroy();
    };
  }, [turn, heightPx, lines.length]);
  useEffect(() => {
    plot.current?.setData(dataOf(times, lines));
  }, [times, lines, from, to]);
  return <div ref={frame} class="chart" role="img" aria-label={props.summary} />;
}

function dataOf(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData;
}

function topOf(lines: readonly Line[]): number {
  const highest = Math.max(0, ...lines.flatMap(({ values }) => values.map((each) => each ?? 0)));
  return Math.max(LEAST_TOP, highest * 1.12);
}

function optionsOf(latest: { readonly current: ChartProps }, width: number): uPlot.Options {
  const { lines, heightPx, format, together, hasTimes = true } = latest.current;
  const faint = colourOf("--faint");
  const font = "500 11px Inter, system-ui, sans-serif";
  const grid = { stroke: colourOf("--line-soft"), width: 1 };
  return {
    width,
    height: heightPx,
    padding: [10, 16, hasTimes ? 0 : 8, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: false, y: false },
      ...(together !== undefined && { sync: { key: together } }),
    },
    scales: {
      x: { time: true, range: () => [latest.current.from, latest.current.to] },
      y: { range: () => [0, topOf(latest.current.lines)] },
    },
    axes: [
      {
        stroke: faint,
        font,
        size: 22,
        gap: 6,
        space: 64,
        show: hasTimes,
        grid: { show: false },
        ticks: { show: false },
        values: (_plot, splits) => splits.map(timeOf),
      },
      {
        stroke: faint,
        font,
        size: VALUES_PX,
        gap: 8,
        space: heightPx < LOW_PX ? 18 : 30,
        grid,
        ticks: { show: false },
        values: (_plot, splits) => [...formatMarks(splits, format)],
      },
    ],
    series: [{}, ...lines.map(seriesOf)],
    plugins: [unknown(latest), tip(latest)],
  };
}

function seriesOf({ name, colour, kind }: Line): uPlot.Series {
  const stroke = colourOf(colour);
  if (kind === "bars" || kind === "thin-bars") {
    const size: [number, number] = kind === "bars" ? [0.72, 44] : [0.3, 16];
    const bars = uPlot.paths.bars?.({ size, radius: kind === "bars" ? 0.12 : 0.2 });
    return {
      label: name,
      fill: stroke,
      width: 0,
      points: { show: false },
      ...(bars && { paths: bars }),
    };
  }
  return {
    label: name,
    stroke,
    width: 1.5,
    points: { show: false },
    ...(kind === "area" && { fill: (plot: uPlot) => fade(plot, stroke) }),
  };
}

/** The colour, going out towards the bottom. */
function fade({ ctx, bbox }: uPlot, colour: string): CanvasGradient {
  const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height);
  gradient.addColorStop(0, `color-mix(in srgb, ${colour} 32%, transparent)`);
  gradient.addColorStop(1, `color-mix(in srgb, ${colour} 2%, transparent)`);
  return gradient;
}

/** Hours and minutes where the browser is; with seconds between whole minutes; at midnight the day. */
function timeOf(epochSeconds: number): string {
  const at = new Date(epochSeconds * 1000);
  const clock = at.toTimeString().slice(0, 8);
  if (clock === "00:00:00") return formatDay(at.getTime());
  return clock.endsWith(":00") ? clock.slice(0, 5) : clock;
}

function clockOf(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toTimeString().slice(0, 8);
}

/** Behind bars: the times of which nothing is known, so that they are not taken for none. */
function unknown(latest: { readonly current: ChartProps }): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot) => {
        const { times, lines } = latest.current;
        const runs = lines[0]?.kind === "bars" ? unknownRuns(lines[0].values) : [];
        const { ctx, bbox } = plot;
        if (runs.length === 0) return;
        ctx.save();
        ctx.strokeStyle = colourOf("--line");
        ctx.beginPath();
        for (const [first, last] of runs) {
          const half = ((times[1] ?? 0) - (times[0] ?? 0)) / 2;
          const left = plot.valToPos((times[first] ?? 0) - half, "x", true);
          const right = plot.valToPos((times[last] ?? 0) + half, "x", true);
          ctx.rect(left, bbox.top, right - left, bbox.height);
        }
        ctx.clip();
        ctx.beginPath();
        const step = HATCH_PX * uPlot.pxRatio;
        for (let x = bbox.left - bbox.height; x < bbox.left + bbox.width; x += step) {
          ctx.moveTo(x, bbox.top + bbox.height);
          ctx.lineTo(x + bbox.height, bbox.top);
        }
        ctx.stroke();
        ctx.restore();
      },
    },
  };
}

/** What the numbers are where the pointer is. */
function tip(latest: { readonly current: ChartProps }): uPlot.Plugin {
  const box = document.createElement("div");
  box.className = "chart-tip";
  box.hidden = true;
  const words = (plot: uPlot, index: number): string[] => {
    const { lines, format, when = clockOf } = latest.current;
    return [
      when(plot.data[0]?.[index] ?? 0),
      ...lines.map(({ name }, place) => {
        const value = plot.data[place + 1]?.[index];
        return `${name} ${value == null ? "not known" : format(value)}`;
      }),
    ];
  };
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const { idx, left = -1 } = plot.cursor;
        box.hidden = idx == null || left < 0;
        if (idx == null || left < 0) return;
        box.replaceChildren(
          ...words(plot, idx).map((text) => {
            const line = document.createElement("div");
            line.textContent = text;
            return line;
          }),
        );
        const isRight = left > plot.over.clientWidth / 2;
        box.style.left = isRight ? "" : `${left + 12}px`;
        box.style.right = isRight ? `${plot.over.clientWidth - left + 12}px` : "";
      },
    },
  };
}
