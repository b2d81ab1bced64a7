/**
 * What happened in a span of time, added up: what `vedette report` tells, in text and on a page.
 *
 * Made of what the API lists and of nothing else, so that it is the same with and without a guard.
 * What is plotted over time is what the guard has counted in each hour; of hours in which none ran
 * nothing is known, and that is told.
 */
import type { BanView, CampaignView, EventView, HourView, StatusView } from "../../api/contract.ts";

/** Rows of each list of the report. */
const MOST_ROWS = 10;

/** Campaigns that are told with their story. */
const MOST_STORIES = 50;

const HOUR_MS = 3_600_000;

/** Columns of the plot over time, at the most. */
const MOST_COLUMNS = 72;

export interface ReportInput {
  readonly sinceEpochMs: number;
  readonly nowEpochMs: number;
  readonly status: StatusView;
  /** Those of the span, the latest first. */
  readonly campaigns: readonly CampaignView[];
  /** Bans that were made in the span, the latest first. */
  readonly banEvents: readonly EventView[];
  /** What was counted from the hour of the beginning on; no entry: nobody counted. */
  readonly hours: readonly HourView[];
  /** In force now. */
  readonly bans: readonly BanView[];
  /** There was more in the span than could be read. */
  readonly isCut: boolean;
  /** Why nothing is known of the span; null: it is. */
  readonly fault: string | null;
}

export interface Count {
  readonly name: string;
  readonly count: number;
}

/** One column of the plot over time. */
interface Column {
  readonly fromEpochMs: number;
  readonly probes: number;
  readonly bans: number;
  /** Whole hours of it, up to now, in which nobody counted. */
  readonly uncountedHours: number;
}

export interface Summary {
  readonly sinceEpochMs: number;
  readonly nowEpochMs: number;
  readonly sentence: string;
  readonly probes: number;
  readonly campaigns: number;
  readonly scans: number;
  /** Distinct sources. */
  readonly sources: number;
  readonly bansMade: number;
  readonly bansInForce: number;
  /** How long (ms) each column is. */
  readonly columnMs: number;
  readonly columns: readonly Column[];
  /** By how many campaigns a port was probed. */
  readonly ports: readonly Count[];
  /** By probes. */
  readonly topSources: readonly Count[];
  /** By campaigns. */
  readonly tools: readonly Count[];
  readonly evidence: readonly Count[];
  readonly outcomes: readonly Count[];
  /** Scans before others, the latest first. */
  readonly stories: readonly CampaignView[];
  readonly bans: readonly BanView[];
  readonly health: StatusView["health"];
  readonly isCut: boolean;
  /** Why what happened is not known, whatever the counts say; null: it is. */
  readonly fault: string | null;
}

export function summarize(input: ReportInput): Summary {
  const { sinceEpochMs, nowEpochMs, status, campaigns, banEvents, bans, isCut, fault } = input;
  const scans = campaigns.filter(({ verdict }) => verdict === "scan");
  const others = campaigns.filter(({ verdict }) => verdict !== "scan");
  const bySource = tally(
    campaigns,
    ({ address }) => address,
    ({ packets }) => packets,
  );
  return {
    sinceEpochMs,
    nowEpochMs,
    sentence: status.sentence,
    probes: campaigns.reduce((sum, { packets }) => sum + packets, 0),
    campaigns: campaigns.length,
    scans: scans.length,
    sources: bySource.length,
    bansMade: banEvents.length,
    bansInForce: status.banned,
    ...columnsOf(input),
    ports: portsOf(campaigns),
    topSources: bySource.slice(0, MOST_ROWS),
    tools: tally(campaigns, ({ tool }) => tool ?? "not known").slice(0, MOST_ROWS),
    evidence: tally(campaigns, ({ evidence }) => evidence),
    outcomes: tally(campaigns, ({ outcome }) => outcome),
    stories: [...scans, ...others].slice(0, MOST_STORIES),
    bans: bans.slice(0, MOST_STORIES),
    health: status.health,
    isCut,
    fault,
  };
}

/** The most first; what is equal by name. */
function tally<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  weightOf: (item: Item) => number = () => 1,
): Count[] {
  const counts = new Map<string, number>();
  for (const item of items) {
    const name = nameOf(item);
    counts.set(name, (counts.get(name) ?? 0) + weightOf(item));
  }
  return ranked([...counts].map(([name, count]) => ({ name, count })));
}

function ranked(counts: Count[]): Count[] {
  return counts.sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1));
}

/** Ranges are added up by their ends, so that a scan of every port costs as much as one of two. */
function portsOf(campaigns: readonly CampaignView[]): Count[] {
  const found: Count[] = [];
  for (const wanted of ["tcp", "udp"] as const) {
    const changes = new Int32Array(65_537);
    for (const { ports } of campaigns) {
      for (const { transport, ranges } of ports) {
        if (transport !== wanted) continue;
        for (const [first, last] of ranges) {
          changes[first] = (changes[first] ?? 0) + 1;
          changes[last + 1] = (changes[last + 1] ?? 0) - 1;
        }
      }
    }
    let count = 0;
    const counts: { port: number; count: number }[] = [];
    for (let port = 0; port < 65_536; port += 1) {
      count += changes[port] as number;
      if (count > 0) counts.push({ port, count });
    }
    counts.sort((one, other) => other.count - one.count || one.port - other.port);
    for (const each of counts.slice(0, MOST_ROWS)) {
      found.push({ name: `${wanted} ${each.port}`, count: each.count });
    }
  }
  return found.sort((one, other) => other.count - one.count).slice(0, MOST_ROWS);
}

/** Whole hours, and as many of them in a column as make the columns few enough. */
function columnsOf({ sinceEpochMs, nowEpochMs, hours }: ReportInput): {
  columnMs: number;
  columns: Column[];
} {
  const spanHours = Math.max(1, Math.ceil((nowEpochMs - sinceEpochMs) / HOUR_MS));
  const columnMs = Math.ceil(spanHours / MOST_COLUMNS) * HOUR_MS;
  const firstEpochMs = Math.floor(sinceEpochMs / HOUR_MS) * HOUR_MS;
  const startEpochMs = Math.floor(sinceEpochMs / columnMs) * columnMs;
  const length = Math.floor((nowEpochMs - startEpochMs) / columnMs) + 1;
  const columns = Array.from({ length }, (_, place) => ({
    fromEpochMs: startEpochMs + place * columnMs,
    probes: 0,
    bans: 0,
    uncountedHours: 0,
  }));
  const columnAt = (epochMs: number) => columns[Math.floor((epochMs - startEpochMs) / columnMs)];
  const counted = new Map(hours.map((hour) => [Date.parse(hour.at), hour]));
  for (let atEpochMs = firstEpochMs; atEpochMs <= nowEpochMs; atEpochMs += HOUR_MS) {
    const column = columnAt(atEpochMs);
    if (column === undefined) continue;
    const hour = counted.get(atEpochMs);
    if (hour === undefined) column.uncountedHours += 1;
    column.probes += hour?.probes ?? 0;
    column.bans += hour?.bans ?? 0;
  }
  return { columnMs, columns };
}

/** "Nobody counted in 3 of these 25 hours, because no guard ran."; undefined: all are known. */
export function uncountedSentence({ columns, sinceEpochMs, nowEpochMs, fault }: Summary) {
  if (fault !== null) return undefined;
  const missing = columns.reduce((sum, { uncountedHours }) => sum + uncountedHours, 0);
  if (missing === 0) return undefined;
  const all = Math.floor(nowEpochMs / HOUR_MS) - Math.floor(sinceEpochMs / HOUR_MS) + 1;
  return `Nobody counted in ${missing} of ${all === 1 ? "this 1 hour" : `these ${all} hours`}: no guard ran, or none that kept count.`;
}
