/**
 * The tables of the history as they have grown, one text for each version.
 *
 * A file of its own beside the journal of bans: what is kept of the past may be large and may be
 * damaged, and bans are opened, checked and written without it. A text that has been released is
 * never changed. Times are wall time in milliseconds since 1970.
 */

/**
 * Of an event: 1 when it says what somebody asked for who was not turned away, which nobody can
 * have written who may not change anything; else 0, also for a text that is none of ours.
 */
export const IS_LASTING = `(CASE WHEN kind <> 'request' OR NOT json_valid(detail) THEN 0
    ELSE coalesce(json_extract(detail, '$.status') NOT IN (401, 403, 429), 0) END)`;

/**
 * Version 1. `source_key` sorts as addresses do (source-key.ts); `story` and `detail` are
 * campaign-text.ts and event-text.ts, and the other columns repeat of them what is asked for.
 *
 * `campaign_minor` holds what is forgotten first when there is too much.
 */
const STORIES = `
  CREATE TABLE campaign (
    id              INTEGER PRIMARY KEY,
    name            TEXT    NOT NULL UNIQUE,
    source_key      TEXT    NOT NULL,
    source          TEXT    NOT NULL,
    last_epoch_ms   INTEGER NOT NULL,
    is_over         INTEGER NOT NULL,
    verdict         TEXT    NOT NULL,
    story           TEXT    NOT NULL
  ) STRICT;

  CREATE INDEX campaign_by_last ON campaign (last_epoch_ms, id);
  CREATE INDEX campaign_by_source ON campaign (source_key, last_epoch_ms);
  CREATE INDEX campaign_going_on ON campaign (id) WHERE is_over = 0;
  CREATE INDEX campaign_minor ON campaign (last_epoch_ms) WHERE verdict <> 'scan';

  CREATE TABLE event (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    at_epoch_ms   INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    source_key    TEXT,
    source        TEXT,
    campaign_name TEXT,
    detail        TEXT    NOT NULL
  ) STRICT;

  CREATE INDEX event_by_time ON event (at_epoch_ms);
  CREATE INDEX event_by_source ON event (source_key, id) WHERE source_key IS NOT NULL;
`;

/**
 * What is counted of a campaign beside its columns, as it stands in its story. A story that is no JSON
 * has none of it: it must not keep the index from being made. SQLite takes these from the index where
 * a question has the very same words (https://sqlite.org/expridx.html).
 */
export const COUNTED = {
  packets: storyField("packets"),
  tool: storyField("tool"),
  evidence: storyField("evidence"),
  outcome: storyField("outcome.status"),
  first: storyField("firstAtEpochMs"),
} as const;

function storyField(path: string): string {
  return `(iif(json_valid(story), story, '{}') ->> '$.${path}')`;
}

/**
 * Version 2: who probes, and how much, is counted from `campaign_counts` alone, in the order of
 * addresses; the stories, which are ten times as large, are not read for it. Nor are they for what a
 * list leaves out: `campaign_by_last` has what a list may be narrowed by.
 */
const COUNTS = `
  CREATE INDEX campaign_counts ON campaign (source_key, last_epoch_ms, id, verdict,
    ${COUNTED.packets}, ${COUNTED.tool}, ${COUNTED.evidence}, ${COUNTED.outcome});

  DROP INDEX campaign_by_last;
  CREATE INDEX campaign_by_last ON campaign (last_epoch_ms, id, verdict, ${COUNTED.tool},
    ${COUNTED.evidence}, ${COUNTED.outcome});
`;

/** Version 3. What was counted in each hour; `hour_epoch_ms` is when it begins. */
const HOURS = `
  CREATE TABLE hour (
    hour_epoch_ms INTEGER PRIMARY KEY,
    probes        INTEGER NOT NULL,
    verdicts      INTEGER NOT NULL,
    bans          INTEGER NOT NULL
  ) STRICT;
`;

/**
 * Version 4: what a person has asked for, and was not turned away, outlasts all else
 * (src/journal/story-retention.ts).
 */
const LASTING = `
  CREATE INDEX event_by_worth ON event (${IS_LASTING}, at_epoch_ms);
`;

/**
 * Version 5: indexes that hold all that is needed to find the newest of many, so that of these alone
 * the rows are read (src/journal/story-statements.ts).
 */
const FOUND_IN_INDEX = `
  CREATE INDEX event_by_kind ON event (kind, id, at_epoch_ms);
  DROP INDEX event_by_source;
  CREATE INDEX event_by_source ON event (source_key, at_epoch_ms) WHERE source_key IS NOT NULL;
`;

/**
 * Version 6: `campaign_counts` begins as `campaign_by_source` does and serves what that did. What
 * happened to the sources of a block is narrowed by its kind in the index, too: rows are read of
 * what is told, not of all that the block has.
 */
const NO_TWINS = `
  DROP INDEX campaign_by_source;
  DROP INDEX event_by_source;
  CREATE INDEX event_by_source ON event (source_key, at_epoch_ms, kind)
    WHERE source_key IS NOT NULL;
`;

/** Version 7: when a source was first seen stands beside what is counted of it. */
const FIRST_SEEN = `
  DROP INDEX campaign_counts;
  CREATE INDEX campaign_counts ON campaign (source_key, last_epoch_ms, id, verdict,
    ${COUNTED.packets}, ${COUNTED.tool}, ${COUNTED.evidence}, ${COUNTED.outcome}, ${COUNTED.first});
`;

/** The text at index n makes version n + 1 out of version n; version 0 is an empty file. */
export const HISTORY_VERSIONS: readonly string[] = [
  STORIES,
  COUNTS,
  HOURS,
  LASTING,
  FOUND_IN_INDEX,
  NO_TWINS,
  FIRST_SEEN,
];
