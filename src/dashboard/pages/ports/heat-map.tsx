/**
 * Probes of all ports in each minute of the last hour: the time across, the ports down.
 *
 * A port that is asked again and again is a line across, a scan of all ports is one down, and one
 * that takes its time is a slope. Drawn on a canvas: it is thousands of cells, anew every few
 * seconds. Whoever uses keys goes from cell to cell, and hears each one.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { counted } from "../../format.ts";
import { heatLevel } from "../../heat.ts";
import { colourOf, paint } from "../../theme.ts";
import { useCell } from "../../use-cell.ts";
import {
  type Area,
  bandHeight,
  busiestCell,
  type Cell,
  cellAfterKey,
  cellAt,
  clockOf,
  type Grid,
  leftOf,
  mostOf,
  portsOf,
  probesAt,
  summaryOf,
  topOf,
} from "./heat-grid.ts";

/** Height of the map over its number of bands, in px. */
const BAND_PX = 6;
const NARROW_BAND_PX = 4.6;
const NARROW_PX = 560;

/** Ports that are named at the left, if a band begins with them. */
const NAMED_PORTS = [0, 256, 512, 1024, 8192, 16_384, 24_576, 32_768, 40_960, 49_152, 57_344];

/** Minutes between two times below. */
const TIME_STEP = 10;

export function HeatMap({ grid }: { readonly grid: Grid }) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [cell, setCell] = useState<Cell>();
  const turn = useCell(paint);
  const bandPx = width < NARROW_PX ? NARROW_BAND_PX : BAND_PX;
  const area = { width, height: Math.round(grid.bands.length * bandPx) };

  useEffect(() => {
    const at = frame.current;
    if (at === null) return;
    const sizes = new ResizeObserver(() => setWidth(at.clientWidth));
    sizes.observe(at);
    return () => sizes.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, grid, area);
  }, [grid, width, turn]);

  const point = (event: PointerEvent): void => {
    const box = frame.current?.getBoundingClientRect();
    if (box !== undefined) {
      setCell(cellAt(grid, event.clientX - box.left, event.clientY - box.top, area));
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = cellAfterKey(grid, cell ?? busiestCell(grid), event.key);
    if (next === undefined) return;
    event.preventDefault();
    setCell(next);
  };

  return (
    <div class="heat-map">
      <div class="heat-map-ports" aria-hidden="true" style={{ height: `${area.height}px` }}>
        {namedBands(grid).map(({ first, place }) => (
          <span key={first} style={{ top: `${topOf(grid, place, area)}px` }}>
            {first}
          </span>
        ))}
      </div>
      <div
        ref={frame}
        class="heat-map-cells"
        role="application"
        aria-roledescription="map of ports and minutes"
        aria-label={`${summaryOf(grid)} Arrow keys go from one to the next.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its cells are gone through with keys.
        tabIndex={0}
        style={{ height: `${area.height}px` }}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={(event) => event.pointerType === "mouse" && setCell(undefined)}
        onKeyDown={onKeyDown}
        onFocus={() => setCell((known) => known ?? busiestCell(grid))}
        onBlur={() => setCell(undefined)}
      >
        <canvas ref={canvas} />
        {cell !== undefined && width > 0 && <Pointed grid={grid} cell={cell} area={area} />}
      </div>
      <div class="heat-map-times" aria-hidden="true">
        {grid.minutes.map((at, minute) =>
          new Date(at).getMinutes() % TIME_STEP === 0 ? (
            <span key={at} style={{ left: `${leftOf(grid, minute, area)}px` }}>
              {clockOf(grid, minute)}
            </span>
          ) : null,
        )}
      </div>
      <p class="hidden" role="status">
        {cell !== undefined && sentenceOf(grid, cell)}
      </p>
    </div>
  );
}

/** A frame around the cell, and what it says beside it. */
function Pointed({ grid, cell, area }: { grid: Grid; cell: Cell; area: Area }) {
  const { minute, band } = cell;
  const left = leftOf(grid, minute, area);
  const top = topOf(grid, band, area);
  const isRight = left > area.width / 2;
  const isLow = top > area.height / 2;
  return (
    <>
      <i class="heat-map-column" style={{ left: `${left}px`, width: sizeOf(grid, area) }} />
      <i class="heat-map-row" style={{ top: `${top}px`, height: `${bandHeight(grid, area)}px` }} />
      <div
        class="heat-map-tip"
        aria-hidden="true"
        style={{
          left: isRight ? "auto" : `${left + 22}px`,
          right: isRight ? `${area.width - left + 8}px` : "auto",
          top: isLow ? "auto" : `${top + 12}px`,
          bottom: isLow ? `${area.height - top + 8}px` : "auto",
        }}
      >
        <b>{counted(probesAt(grid, cell), "probe")}</b>
        <span>ports {portsOf(grid, band)}</span>
        <span class="faint">{clockOf(grid, minute)}</span>
      </div>
    </>
  );
}

function sizeOf(grid: Grid, area: Area): string {
  return `${area.width / Math.max(1, grid.minutes.length)}px`;
}

function sentenceOf(grid: Grid, cell: Cell): string {
  const probes = counted(probesAt(grid, cell), "probe");
  return `${clockOf(grid, cell.minute)}, ports ${portsOf(grid, cell.band)}: ${probes}.`;
}

function namedBands({ bands }: Grid): readonly { first: number; place: number }[] {
  return bands
    .map(({ first }, place) => ({ first, place }))
    .filter(({ first }) => NAMED_PORTS.includes(first));
}

function draw(canvas: HTMLCanvasElement, grid: Grid, area: Area): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const density = window.devicePixelRatio;
  canvas.width = Math.round(area.width * density);
  canvas.height = Math.round(area.height * density);
  const inPixels = { width: canvas.width, height: canvas.height };
  const colours = Array.from({ length: 8 }, (_, level) => colourOf(`--heat-${level}`));
  const most = mostOf(grid);
  // One pixel of the screen between cells, as long as they are larger than three.
  const gap = inPixels.width / Math.max(1, grid.minutes.length) > 3 * density ? density : 0;
  const bandPixels = bandHeight(grid, inPixels);
  for (let minute = 0; minute < grid.minutes.length; minute += 1) {
    const left = Math.round(leftOf(grid, minute, inPixels));
    const right = Math.round(leftOf(grid, minute + 1, inPixels));
    for (let band = 0; band < grid.bands.length; band += 1) {
      const exactTop = topOf(grid, band, inPixels);
      const top = Math.round(exactTop);
      const bottom = Math.round(exactTop + bandPixels);
      context.fillStyle = colours[heatLevel(probesAt(grid, { minute, band }), most)] ?? "";
      context.fillRect(left, top, right - left - gap, bottom - top - gap);
    }
  }
}
