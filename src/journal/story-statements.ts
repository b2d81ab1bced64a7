/**
 * Every question and change of the tables `campaign` and `event`.
 *
 * Errors of SQLite pass through. Lists are asked for with any of a few conditions, so their texts are
 * put together here of fixed pieces, and each is prepared once.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { OperationalError } from "../errors.ts";
import type { Campaign } from "../model/campaign.ts";
import type { StoryEvent } from "../model/story-event.ts";
import { bits128Of, familyOfPrefix, type Prefix, parsePrefix } from "../net/prefix.ts";
import { type CampaignPlace, decodeCursor, encodeCursor } from "./campaign-cursor.ts";
import { decodeCampaign, encodeCampaign } from "./campaign-text.ts";
import { decodeEvent, encodeEvent } from "./event-text.ts";
import { sourceKeyOf } from "./source-key.ts";
import type { CampaignQuery, EventQuery, KeptEvent, ListedCampaign } from "./stories.ts";
import { type Condition, looksOf, sourcesAbout, unindexed } from "./story-conditions.ts";

/** How a table is listed, in SQL. */
interface ListText {
  readonly table: string;
  readonly columns: string;
  /** By these columns. */
  readonly order: string;
  /** What must be known of a row to put it in order. */
  readonly found: string;
  /** A condition: of the newest rows, as many as its value says. */
  readonly recent: string;
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

/** A prefix with fewer bits of 128 may hold many sources. */
const NARROW_BITS = { 4: 96 + 24, 6: 48 } as const;

/** So many of the newest rows are looked through first for a wide prefix: some milliseconds. */
const LOOKED_AT_FIRST = 2048;

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
      if (place === undefined) {
        const message = "after: expected the cursor, or the id, of a campaign that is known";
        throw new OperationalError("ERR_USAGE", message);
      }
      const values = [place.lastEpochMs, place.id];
      conditions.push({ text: "(last_epoch_ms, id) < (?, ?)", values });
    }
    if (sinceEpochMs !== undefined) {
      conditions.push({ text: "last_epoch_ms >= ?", values: [sinceEpochMs] });
    }
    conditions.push(...looksOf(query));
    const list = {
      table: "campaign",
      columns: "id, last_epoch_ms, story, is_over",
      order: "last_epoch_ms DESC, id DESC",
      found: "id, last_epoch_ms",
      recent:
        "last_epoch_ms >= coalesce((SELECT last_epoch_ms FROM campaign " +
        "ORDER BY last_epoch_ms DESC LIMIT 1 OFFSET ?), 0)",
    };
    const rows = this.#list(list, about, conditions, limit);
    return (rows as unknown as CampaignRow[]).flatMap(campaignsOf);
  }

  events({ limit, before, about, sinceEpochMs, kinds }: EventQuery): KeptEvent[] {
    const conditions: Condition[] = [];
    if (before !== undefined) conditions.push({ text: "id < ?", values: [before] });
    if (sinceEpochMs !== undefined) {
      conditions.push({ text: "at_epoch_ms >= ?", values: [sinceEpochMs] });
    }
    if (kinds !== undefined) {
      const text = kinds.length === 1 ? "kind = ?" : "kind IN (SELECT value FROM json_each(?))";
      conditions.push({
        text,
        values: [kinds.length === 1 ? `${kinds[0]}` : JSON.stringify(kinds)],
      });
    }
    const list = {
      table: "event",
      columns: "id, at_epoch_ms, source, campaign_name, detail",
      // By the time alone all rows would be read in their order until enough have fitted.
      order: sinceEpochMs !== undefined && kinds === undefined ? "+id DESC" : "id DESC",
      found: "id",
      recent: "id > (SELECT max(id) FROM event) - ?",
    };
    const rows = this.#list(list, about, conditions, limit);
    return (rows as unknown as EventRow[]).flatMap(eventsOf);
  }

  /** @returns where the campaign of this name stands now; undefined: there is none. */
  #placeOf(name: string): CampaignPlace | undefined {
    const row = this.#place.get(name) as Pick<CampaignRow, "id" | "last_epoch_ms"> | undefined;
    return row && { lastEpochMs: row.last_epoch_ms, id: row.id };
  }

  /** @param about undefined: whoever it is. */
  #list(
    list: ListText,
    about: Prefix | undefined,
    conditions: readonly Condition[],
    limit: number,
  ): unknown[] {
    if (about === undefined) return this.#find(list, [conditions], limit);
    const sources = sourcesAbout(about);
    // Most of what is asked for of a wide prefix is in it of late, or there is little of it.
    if (bits128Of(about) < NARROW_BITS[familyOfPrefix(about)]) {
      const recent = { text: list.recent, values: [LOOKED_AT_FIRST] };
      const late = sources.map((source) => [unindexed(source), recent, ...conditions]);
      const rows = this.#find(list, late, limit);
      if (rows.length >= limit) return rows;
    }
    const inIndex = sources.map((source) => [source, ...conditions.map(unindexed)]);
    return this.#find({ ...list, order: list.order.replace(/\bid\b/, "+id") }, inIndex, limit);
  }

  /**
   * The rows are found first, in indexes that hold all that this takes, and then read: of a prefix
   * with a hundred thousand sources that is the difference between the rows of all and of a page.
   * @param alternatives each a list of conditions that hold at once.
   */
  #find(
    { table, columns, order, found }: ListText,
    alternatives: readonly (readonly Condition[])[],
    limit: number,
  ): unknown[] {
    const parts = alternatives.map((conditions) => {
      const where = conditions.map(({ text }) => text).join(" AND ");
      return `SELECT ${found} FROM ${table} ${where === "" ? "" : `WHERE ${where}`}`;
    });
    const text =
      `SELECT ${columns} FROM ${table} WHERE id IN (SELECT id FROM (${parts.join(" UNION ALL ")}) ` +
      `ORDER BY ${order} LIMIT ?) ORDER BY ${order}`;
    let statement = this.#lists.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(text);
      this.#lists.set(text, statement);
    }
    const values = alternatives.flat().flatMap((condition) => condition.values);
    return statement.all(...values, limit);
  }
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
