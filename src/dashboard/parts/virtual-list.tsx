/**
 * A list of any length of which only the rows in sight are in the page.
 *
 * For whoever uses keys it is one row: up and down go to others, Enter opens it, Tab goes through its
 * links and buttons and then out of the list. Rows that come in above do not move what is being read.
 * When the row that has the focus goes, the next one has it, and a key that is still held does nothing
 * to that. It is no table of HTML, because rows that are put in their places one by one are none to a
 * browser either; roles say what it is.
 */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type ActiveRow, placeOf } from "../active-row.ts";
import { useNarrow } from "../use-narrow.ts";

/** Heights of a row in px, as the style sheet has them. */
const ROW_PX = 38;
const NARROW_ROW_PX = 66;

/** Rows beyond those in sight, on both sides. */
const MARGIN_ROWS = 8;

/** More is asked for when this many rows are left below. */
const NEAR_END_ROWS = 60;

export interface VirtualListProps<Row> {
  readonly label: string;
  /** Names the columns in the style sheet. */
  readonly class: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** How many there are in all; undefined: not known. */
  readonly total: number | undefined;
  readonly keyOf: (row: Row) => string;
  /** One cell for each column. */
  readonly cells: (row: Row) => readonly ComponentChildren[];
  readonly onOpen: (row: Row) => void;
  /** Another key on a row. */
  readonly onKey?: (key: string, row: Row) => void;
  readonly onNearEnd: () => void;
}

export function VirtualList<Row>(props: VirtualListProps<Row>) {
  const { label, columns, rows, total, keyOf, cells, onOpen, onKey, onNearEnd } = props;
  const rowPx = useNarrow() ? NARROW_ROW_PX : ROW_PX;
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ topPx: 0, heightPx: 800 });
  const [active, setActive] = useState<ActiveRow>({ place: 0, key: undefined });
  const wantsFocus = useRef(false);
  const firstShown = useRef<string>(undefined);
  const latest = useRef(rows);
  latest.current = rows;

  const first = Math.max(0, Math.floor(view.topPx / rowPx) - MARGIN_ROWS);
  const end = Math.min(rows.length, Math.ceil((view.topPx + view.heightPx) / rowPx) + MARGIN_ROWS);
  const current = placeOf(active, rows, keyOf);
  const currentRow = rows[current];
  const currentKey = currentRow && keyOf(currentRow);
  // What is drawn next may take the row away that has the focus, and nobody is told of that.
  const hadFocus = frame.current?.contains(document.activeElement) ?? false;

  const look = (): void => {
    const at = frame.current;
    if (at === null) return;
    setView({ topPx: at.scrollTop, heightPx: at.clientHeight });
    const top = latest.current[Math.floor(at.scrollTop / rowPx)];
    firstShown.current = at.scrollTop < rowPx || top === undefined ? undefined : keyOf(top);
  };

  useLayoutEffect(() => {
    const at = frame.current;
    if (at === null) return;
    const sizes = new ResizeObserver(look);
    sizes.observe(at);
    return () => sizes.disconnect();
  }, [rowPx]);

  useLayoutEffect(() => {
    const at = frame.current;
    const key = firstShown.current;
    if (at === null || key === undefined) return;
    const place = rows.findIndex((row) => keyOf(row) === key);
    const restPx = at.scrollTop % rowPx;
    if (place >= 0) at.scrollTop = place * rowPx + restPx;
  }, [rows]);

  useLayoutEffect(() => {
    const at = frame.current;
    const isLost = hadFocus && !at?.contains(document.activeElement);
    if (at === null || !(wantsFocus.current || isLost)) return;
    wantsFocus.current = false;
    const row = at.querySelector<HTMLElement>('[role="row"][tabindex="0"]');
    (row ?? at).focus({ preventScroll: isLost });
  });

  // Cells do not know which row is the active one, and a row comes and goes with them.
  useLayoutEffect(() => {
    for (const row of frame.current?.querySelectorAll<HTMLElement>(".list-row") ?? []) {
      for (const control of row.querySelectorAll<HTMLElement>("a, button")) {
        control.tabIndex = row.tabIndex;
      }
    }
  });

  useLayoutEffect(() => {
    if (active.key !== undefined) setActive({ place: current, key: currentKey });
  }, [current, currentKey]);

  useLayoutEffect(() => {
    const at = frame.current;
    return () => {
      // The last row is gone, and the list with it.
      if (at?.contains(document.activeElement)) {
        at.closest("main")?.focus({ preventScroll: true });
      }
    };
  }, []);

  if (end >= rows.length - NEAR_END_ROWS && rows.length > 0) queueMicrotask(onNearEnd);

  const goTo = (place: number): void => {
    const at = frame.current;
    const next = Math.max(0, Math.min(rows.length - 1, place));
    if (at === null || rows.length === 0) return;
    const headPx = at.firstElementChild?.clientHeight ?? 0;
    const bottom = (next + 1) * rowPx + headPx;
    if (next * rowPx < at.scrollTop) at.scrollTop = next * rowPx;
    else if (bottom > at.scrollTop + at.clientHeight) at.scrollTop = bottom - at.clientHeight;
    look();
    wantsFocus.current = true;
    setActive({ place: next, key: rows[next] && keyOf(rows[next]) });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(view.heightPx / rowPx) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: current + 1,
      j: current + 1,
      ArrowUp: current - 1,
      k: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: rows.length - 1,
    };
    const next = steps[event.key];
    const row = currentRow;
    if (next !== undefined) {
      event.preventDefault();
      goTo(next);
    } else if (row !== undefined && !event.repeat && (event.target as HTMLElement).role === "row") {
      if (event.key === "Enter") onOpen(row);
      else onKey?.(event.key, row);
    }
  };

  return (
    <div
      ref={frame}
      class={`list ${props.class}`}
      role="grid"
      aria-label={label}
      aria-rowcount={total === undefined ? -1 : total + 1}
      tabIndex={rows.length > 0 && (current < first || current >= end) ? 0 : -1}
      onScroll={look}
      onKeyDown={onKeyDown}
    >
      <div class="list-head" role="row" tabIndex={-1} aria-rowindex={1}>
        {columns.map((name) => (
          <span key={name} role="columnheader" tabIndex={-1}>
            {name}
          </span>
        ))}
      </div>
      <div class="list-rows" style={{ height: `${rows.length * rowPx}px` }} role="rowgroup">
        {rows.slice(first, end).map((row, offset) => {
          const place = first + offset;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys of all its rows.
            <div
              key={keyOf(row)}
              class="list-row"
              role="row"
              aria-rowindex={place + 2}
              tabIndex={place === current ? 0 : -1}
              style={{ transform: `translateY(${place * rowPx}px)` }}
              onFocusIn={() => setActive({ place, key: keyOf(row) })}
              onClick={(event) => !isControl(event.target) && onOpen(row)}
            >
              {cells(row).map((cell, column) => (
                <span key={columns[column]} role="gridcell" class={`cell-${column}`} tabIndex={-1}>
                  {cell}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** What has an act of its own. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button") !== null;
}
