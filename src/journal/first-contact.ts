/**
 * When somebody was first seen: the first probe of all campaigns that are kept.
 *
 * Errors of SQLite pass through. `campaign_counts` alone is read for what is inside a prefix, and the
 * few rows of the blocks around it.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Prefix } from "../net/prefix.ts";
import { COUNTED } from "./history-schema.ts";
import { epochMs } from "./stored-values.ts";
import { sourcesAbout } from "./story-conditions.ts";

export class FirstContact {
  readonly #database: DatabaseSync;
  #earliest: StatementSync | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns undefined when no campaign of it is kept. */
  of(about: Prefix): number | undefined {
    const conditions = sourcesAbout(about);
    this.#earliest ??= this.#database.prepare(textOf(conditions.map(({ text }) => text)));
    const row = this.#earliest.get(...conditions.flatMap(({ values }) => values));
    // What a story is made of is anything.
    return epochMs.safeParse(row?.["first"]).data;
  }
}

function textOf(conditions: readonly string[]): string {
  const parts = conditions.map(
    (where) => `SELECT min(${COUNTED.first}) AS first FROM campaign WHERE ${where}`,
  );
  return `SELECT min(first) AS first FROM (${parts.join(" UNION ALL ")})`;
}
