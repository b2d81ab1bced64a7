/**
 * Every question and change of the tables `campaign` and `event`.
 *
 * Errors of SQLite pass through. Lists are asked for with any of a few conditions, so their texts are
 * put together here of fixed pieces, and each is prepared once.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Campaign } from "../model/campaign.ts";
import type { StoryEvent } from "../model/story-event.ts";
import { bits128Of, familyOfPrefix, type Prefix, parsePrefix } from "../net/prefix.ts";
import { type CampaignPlace, decodeCursor, encodeCursor } from "./campaign-cursor.ts";
import { decodeCampaign, encodeCampaign } from "./campaign-text.ts";
import { decodeEvent, encodeEvent } from "./event-text.ts";
import { COUNTED } from "./history-schema.ts";
import { blocksHolding, keyRangeOf, sourceKeyOf } from "./source-key.ts";
import type { CampaignQuery, EventQuery, KeptEvent, ListedCampaign } from "./stories.ts";

/** One condition of a list, and what it compares with. */
interface Condition {
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

interface CampaignRow {
  readonly id: number;
  readonly last_epoch_ms: number;
  readonly story: string;
  readonly is_over: number;
}

interface EventRow {
  readonly id: number;
  readonly at_epoch_ms: number;
  readonly source: string | null;
  readonly campaign_name: string | null;
  readonly detail: string;
}

/** A prefix with fewer bits of 128 holds so many sources that the order of time is the better way. */
const NARROW_BITS = { 4: 96 + 12, 6: 28 } as const;

export class StoryStatements {
  readonly #database: DatabaseSync;
  readonly #lists = new Map<string, StatementSync>();
  readonly #keep: StatementSync;
  readonly #place: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #endOpen: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#keep = database.prepare(
      `INSERT INTO campaign (name, source_key, source, last_epoch_ms, is_over, verdict, story)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET last_epoch_ms = excluded.last_epoch_ms,
         is_over = excluded.is_over, verdict = excluded.verdict, story = excluded.story`,
    );
    this.#place = database.prepare("SELECT last_epoch_ms, id FROM campaign WHERE name = ?");
    this.#insertEvent = database.prepare(
      `INSERT INTO event (at_epoch_ms, kind, source_key, source, campaign_name, detail)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#endOpen = database.prepare("UPDATE campaign SET is_over = 1 WHERE is_over = 0");
  }

  keepCampaign(campaign: Campaign, isOver: boolean): void {
    const { id, source, lastAtEpochMs, verdict } = campaign;
    const story = encodeCampaign(campaign);
    const key = sourceKeyOf(source);
    this.#keep.run(id, key, source, lastAtEpochMs, isOver ? 1 : 0, verdict, story);
  }

  keepEvent({ atEpochMs, source, campaignId, detail }: StoryEvent): void {
    const key = source === undefined ? null : sourceKeyOf(source);
    const text = encodeEvent(detail);
    this.#insertEvent.run(atEpochMs, detail.kind, key, source ?? null, campaignId ?? null, text);
  }

  endOpen(): void {
    this.#endOpen.run();
  }

  campaigns(query: CampaignQuery): ListedCampaign[] {
    const { limit, after, about, sinceEpochMs } = query;
    const conditions: Condition[] = [];
    if (after !== undefined) {
      const place = decodeCursor(after) ?? this.#placeOf(after);
      if (place === undefined) return [];
      const values = [place.lastEpochMs, place.id];
      conditions.push({ text: "(last_epoch_ms, id) < (?, ?)", values });
    }
    conditions.push(...conditionsOf(about, sinceEpochMs, "last_epoch_ms"));
    conditions.push(...looksOf(query));
    const rows = this.#list(
      "SELECT id, last_epoch_ms, story, is_over FROM campaign",
      conditions,
      "ORDER BY last_epoch_ms DESC, id DESC",
      limit,
    );
    return (rows as unknown as CampaignRow[]).flatMap(campaignsOf);
  }

  events({ limit, before, about, sinceEpochMs, kinds }: EventQuery): KeptEvent[] {
    const conditions: Condition[] = [];
    if (before !== undefined) conditions.push({ text: "id < ?", values: [before] });
    conditions.push(...conditionsOf(about, sinceEpochMs, "at_epoch_ms"));
    if (kinds !== undefined) {
      const text = "kind IN (SELECT value FROM json_each(?))";
      conditions.push({ text, values: [JSON.stringify(kinds)] });
    }
    const rows = this.#list(
      "SELECT id, at_epoch_ms, source, campaign_name, detail FROM event",
      conditions,
      "ORDER BY id DESC",
      limit,
    );
    return (rows as unknown as EventRow[]).flatMap(eventsOf);
  }

  /** @returns where the campaign of this name stands now; undefined: there is none. */
  #placeOf(name: string): CampaignPlace | undefined {
    const row = this.#place.get(name) as Pick<CampaignRow, "id" | "last_epoch_ms"> | undefined;
    return row && { lastEpochMs: row.last_epoch_ms, id: row.id };
  }

  #list(select: string, conditions: readonly Condition[], order: string, limit: number): unknown[] {
    const where = conditions.map(({ text }) => text).join(" AND ");
    const text = `${select} ${where === "" ? "" : `WHERE ${where}`} ${order} LIMIT ?`;
    let statement = this.#lists.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(text);
      this.#lists.set(text, statement);
    }
    return statement.all(...conditions.flatMap(({ values }) => values), limit);
  }
}

/** What campaigns may look like; all of it stands in the index that lists follow. */
function looksOf({ verdict, tool, evidence, outcome }: CampaignQuery): Condition[] {
  const asked = [
    ["verdict", verdict],
    [COUNTED.tool, tool],
    [COUNTED.evidence, evidence],
    [COUNTED.outcome, outcome],
  ] as const;
  return asked.flatMap(([column, value]) => {
    if (value === undefined) return [];
    // NULL is what a story has that does not name it.
    return [{ text: `${column} IS ?`, values: [value] }];
  });
}

/** What both lists may be asked for. @param time the column that says when. */
function conditionsOf(
  about: Prefix | undefined,
  sinceEpochMs: number | undefined,
  time: "last_epoch_ms" | "at_epoch_ms",
): Condition[] {
  return [
    ...(about === undefined ? [] : [sourcesAbout(about)]),
    ...(sinceEpochMs === undefined ? [] : [{ text: `${time} >= ?`, values: [sinceEpochMs] }]),
  ];
}

/** Whose source is inside `prefix`, or holds it. */
function sourcesAbout(prefix: Prefix): Condition {
  const { first, last } = keyRangeOf(prefix);
  const blocks = blocksHolding(prefix).slice(1);
  const keys = [...new Set(blocks.map(sourceKeyOf))];
  // Its plus sign keeps SQLite from the index (https://sqlite.org/optoverview.html#uplus).
  const key =
    bits128Of(prefix) < NARROW_BITS[familyOfPrefix(prefix)] ? "+source_key" : "source_key";
  const text =
    `(${key} BETWEEN ? AND ? OR (${key} IN (SELECT value FROM json_each(?)) ` +
    "AND source IN (SELECT value FROM json_each(?))))";
  return { text, values: [first, last, JSON.stringify(keys), JSON.stringify(blocks)] };
}

/** @returns none for a row that this program would not have written. */
function campaignsOf({ id, last_epoch_ms, story, is_over }: CampaignRow): ListedCampaign[] {
  const campaign = decodeCampaign(story);
  if (campaign === undefined) return [];
  const cursor = encodeCursor({ lastEpochMs: last_epoch_ms, id });
  return [{ campaign, isOver: is_over === 1, cursor }];
}

function eventsOf({ id, at_epoch_ms, source, campaign_name, detail }: EventRow): KeptEvent[] {
  const decoded = decodeEvent(detail);
  const about = source === null ? undefined : parsePrefix(source);
  if (decoded === undefined || (source !== null && about === undefined)) return [];
  const campaignId = campaign_name ?? undefined;
  return [{ id, event: { atEpochMs: at_epoch_ms, source: about, campaignId, detail: decoded } }];
}
