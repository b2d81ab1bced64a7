/**
 * The live view as lines: a state and a size in, lines out. Knows nothing of a terminal.
 *
 * Every line fits the width, and there are as many as the height: a terminal that scrolls by one
 * line shows nonsense. Texts from the guard are escaped here, since an attacker may have sent them.
 */
import { escapeInvisible } from "../../invisible-text.ts";
import { cutToWidth, widthOf } from "../text-width.ts";
import { type Cell, type Column, fitTable } from "./fit-table.ts";
import { heatStrip } from "./heat-strip.ts";
import { cursorOf, type Pane, type WatchState } from "./watch-state.ts";

/** Nothing is shown in less than this. */
const LEAST_COLUMNS = 40;
const LEAST_ROWS = 10;

/** From this height on campaigns and bans are shown together. */
const BOTH_ROWS = 20;

export type Style = "plain" | "title" | "head" | "selected" | "alarm" | "soft";

export interface Line {
  readonly text: string;
  readonly style: Style;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface Looks {
  /** The locale has more than ASCII. */
  readonly isUtf8: boolean;
  readonly nowEpochMs: number;
}

export function layOut(state: WatchState, { columns, rows }: ScreenSize, looks: Looks): Line[] {
  const lines =
    columns < LEAST_COLUMNS || rows < LEAST_ROWS
      ? [line(`too small: ${LEAST_COLUMNS}x${LEAST_ROWS} needed`)]
      : state.story !== undefined
        ? storyLines(state.story, rows)
        : viewLines(state, { columns, rows }, looks);
  const padded = [...lines, ...Array.from({ length: rows }, () => line(""))].slice(0, rows);
  return padded.map(({ text, style }) => ({ text: cut(text, columns, looks.isUtf8), style }));
}

function line(text: string, style: Style = "plain"): Line {
  return { text, style };
}

/** Where the locale is ASCII, others become a question mark for each of their columns. */
function cut(text: string, columns: number, isUtf8: boolean): string {
  const shown = isUtf8
    ? text
    : text.replace(/[^\x20-\x7e]+/gu, (other) => "?".repeat(widthOf(other)));
  if (widthOf(shown) <= columns) return shown;
  return `${cutToWidth(shown, columns - 1)}${isUtf8 ? "…" : "~"}`;
}

function storyLines({ lines, top }: NonNullable<WatchState["story"]>, rows: number): Line[] {
  const shown = lines.slice(top, top + rows - 1).map((text) => line(escapeInvisible(text)));
  const empty = Array.from({ length: rows - 1 - shown.length }, () => line(""));
  return [...shown, ...empty, line("up/down move   q back", "soft")];
}

function viewLines(state: WatchState, size: ScreenSize, looks: Looks): Line[] {
  const head = headLines(state, size, looks);
  const room = size.rows - head.length - 1;
  const showsBoth = size.rows >= BOTH_ROWS;
  const bansRoom = showsBoth ? Math.max(4, Math.floor(room / 3)) : 0;
  const panes: Line[] = showsBoth
    ? [
        ...paneLines(state, "campaigns", size.columns, room - bansRoom, looks),
        ...paneLines(state, "bans", size.columns, bansRoom, looks),
      ]
    : paneLines(state, state.pane, size.columns, room, looks);
  return [...head, ...panes, footLine(state)];
}

function headLines({ live, gone, activity }: WatchState, size: ScreenSize, looks: Looks): Line[] {
  if (live === undefined) {
    return [
      line("vedette", "title"),
      line(escapeInvisible(gone ?? "asking the guard ..."), "alarm"),
    ];
  }
  const { status, rates } = live;
  const title = `vedette  ${status.state}  banned ${status.banned}  held ${status.held}  campaigns ${status.campaigns}`;
  const problem = status.health.find(({ severity }) => severity !== "notice");
  const lines = [line(title, "title")];
  if (gone !== undefined) lines.push(line(escapeInvisible(gone), "alarm"));
  else if (problem !== undefined) lines.push(line(escapeInvisible(problem.text), "alarm"));
  else lines.push(line(escapeInvisible(status.sentence), "soft"));
  const rate = (value: number | undefined) => (value === undefined ? "-" : `${Math.round(value)}`);
  const parts = [
    `probes ${rate(rates?.probes_per_second)}/s`,
    `scans ${rate(rates?.verdicts_per_second)}/s`,
    `holds ${rate(rates?.holds_per_second)}/s`,
    `dropped ${rate(rates?.dropped_per_second)}/s`,
  ];
  lines.push(line(parts.join("  ")));
  if (activity === undefined) return lines;
  lines.push(line(heatStrip(activity.heat, size.columns, looks.isUtf8)));
  const busiest = activity.ports
    .slice(0, 12)
    .map(({ transport, port, probes }) => `${transport} ${port} x${probes}`);
  if (size.rows >= BOTH_ROWS) {
    lines.push(
      line(busiest.length === 0 ? "no port was probed of late" : busiest.join("  "), "soft"),
    );
  }
  return lines;
}

const CAMPAIGN_COLUMNS: readonly Column[] = [
  { title: "ADDRESS", priority: 0 },
  { title: "PROBES", priority: 1, align: "right" },
  { title: "GREW", priority: 2, align: "right" },
  { title: "PORTS", priority: 4, align: "right" },
  { title: "OUTCOME", priority: 3 },
  { title: "VERDICT", priority: 5 },
  { title: "TOOL", priority: 6 },
  { title: "EVIDENCE", priority: 7 },
  { title: "STORY", priority: 8, fills: true },
];

const BAN_COLUMNS: readonly Column[] = [
  { title: "ADDRESS", priority: 0 },
  { title: "ENDS IN", priority: 1, align: "right" },
  { title: "EVIDENCE", priority: 2 },
  { title: "BY", priority: 3 },
  { title: "REASON", priority: 4, fills: true },
];

function paneLines(
  state: WatchState,
  pane: Pane,
  columns: number,
  rows: number,
  { nowEpochMs }: Looks,
): Line[] {
  const all = pane === "bans" ? banRows(state, nowEpochMs) : campaignRows(state);
  const cursor = cursorOf(state, pane);
  const isActive = state.pane === pane;
  const room = rows - 2;
  const top = Math.max(0, Math.min(cursor - Math.floor(room / 2), all.length - room));
  const shown = all.slice(top, top + room);
  const name = pane === "bans" ? "Bans" : "Campaigns";
  const table = fitTable(pane === "bans" ? BAN_COLUMNS : CAMPAIGN_COLUMNS, shown, columns - 2);
  const lines = [line(`${isActive ? "> " : "  "}${name} (${all.length})`, "head")];
  if (all.length === 0) lines.push(line("  none", "soft"));
  else {
    for (const [index, text] of table.entries()) {
      const isCursor = isActive && index > 0 && top + index - 1 === cursor;
      lines.push(line(`${isCursor ? "> " : "  "}${text}`, styleOf(isCursor, index === 0)));
    }
  }
  return [...lines, ...Array.from({ length: rows }, () => line(""))].slice(0, rows);
}

function styleOf(isCursor: boolean, isHead: boolean): Style {
  return isCursor ? "selected" : isHead ? "soft" : "plain";
}

function campaignRows({ campaigns }: WatchState): Cell[][] {
  return campaigns.map(({ campaign, more }) =>
    [
      campaign.address,
      `${campaign.packets}`,
      more === 0 ? "" : `+${more}`,
      `${campaign.port_count}${campaign.ports_cut ? "+" : ""}`,
      campaign.outcome,
      campaign.verdict,
      campaign.tool ?? "-",
      campaign.evidence,
      campaign.story,
    ].map(escapeInvisible),
  );
}

function banRows({ bans }: WatchState, nowEpochMs: number): Cell[][] {
  return bans.map(({ address, until, evidence, origin, reason }) =>
    [
      address,
      until === null ? "never" : formatCountdown((Date.parse(until) - nowEpochMs) / 1000),
      evidence,
      origin,
      reason,
    ].map(escapeInvisible),
  );
}

/** "0:59", "1:02:03", "6d 23h"; 0 and less: "0:00". */
export function formatCountdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (value: number) => `${value}`.padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  const hours = Math.floor(whole / 3600);
  if (hours < 48) return `${hours}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

const QUESTIONS = {
  ban: (address: string) => `ban ${address} for good?`,
  unban: (address: string) => `unban ${address}?`,
  trust: (address: string) => `trust ${address}: never hold or ban it?`,
} as const;

function footLine({ question, message }: WatchState): Line {
  if (question !== undefined) {
    const text = QUESTIONS[question.act](escapeInvisible(question.address));
    return line(`${text} (y/n)`, "alarm");
  }
  if (message !== "") return line(escapeInvisible(message), "head");
  return line("b ban  u unban  t trust  w why  tab  q", "soft");
}
