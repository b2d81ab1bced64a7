/**
 * The journal's tables as they have grown, one text for each version.
 *
 * A text that has been released is never changed: files made by it exist. Times are wall time in
 * milliseconds since 1970.
 */

/**
 * Version 1: bans. The two `ended` columns are NULL while a ban is in force, and at most one is
 * in force for a prefix.
 *
 * The indexes named for the bans in force hold only those, so that a long history makes no question
 * about them slower.
 */
const BANS = `
  CREATE TABLE ban (
    id                INTEGER PRIMARY KEY,
    prefix            TEXT    NOT NULL,
    family            INTEGER NOT NULL,
    since_epoch_ms    INTEGER NOT NULL,
    until_epoch_ms    INTEGER,
    evidence          TEXT    NOT NULL,
    origin            TEXT    NOT NULL,
    reason            TEXT    NOT NULL,
    rule_id           TEXT,
    campaign_id       TEXT,
    config_revision   TEXT    NOT NULL,
    ended_at_epoch_ms INTEGER,
    ended_by          TEXT
  ) STRICT;

  CREATE UNIQUE INDEX ban_in_force ON ban (prefix) WHERE ended_at_epoch_ms IS NULL;
  CREATE INDEX ban_in_force_by_since ON ban (since_epoch_ms) WHERE ended_at_epoch_ms IS NULL;
  CREATE INDEX ban_in_force_by_until ON ban (until_epoch_ms) WHERE ended_at_epoch_ms IS NULL;
  CREATE INDEX ban_by_prefix ON ban (prefix, since_epoch_ms);
`;

/** Version 2: what has ended can be found by its end, to be forgotten. */
const BANS_BY_END = `
  CREATE INDEX ban_ended ON ban (ended_at_epoch_ms) WHERE ended_at_epoch_ms IS NOT NULL;
`;

/** Version 3: by what a ban shuts out, as a list with commas; before, there were only nftables. */
const MEANS = `
  ALTER TABLE ban ADD COLUMN means TEXT NOT NULL DEFAULT 'nftables';
`;

/**
 * Version 4: what a ban's score was made from (score-text.ts); NULL where its rule has none, and for
 * bans from before.
 */
const SCORES = `
  ALTER TABLE ban ADD COLUMN score TEXT;
`;

/** The text at index n makes version n + 1 out of version n; version 0 is an empty file. */
export const SCHEMA_VERSIONS: readonly string[] = [BANS, BANS_BY_END, MEANS, SCORES];
