/** Fills the journal of a guard that does not run with bans, and of one that it has. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Guard } from "./guard.ts";

/** The first of them: 20.0.0.0, which no host of a test's network has. */
const FIRST = 20 * 2 ** 24;

/** The address of the n-th of them. */
export function manyBansAddress(place: number): string {
  const address = FIRST + place;
  return [24, 16, 8, 0].map((shift) => (address >> shift) & 255).join(".");
}

/** Writes `count` of them as copies of the one ban that the journal has. */
export function writeManyBans({ folder }: Guard, count: number): void {
  using database = new DatabaseSync(join(folder, "state/journal/journal.sqlite"));
  const columns = database
    .prepare("SELECT name FROM pragma_table_info('ban') WHERE name NOT IN ('id', 'prefix')")
    .all()
    .map(({ name }) => `${name}`)
    .join(", ");
  database.exec(`
    WITH RECURSIVE place(n) AS (SELECT ${FIRST} UNION ALL SELECT n + 1 FROM place LIMIT ${count})
    INSERT INTO ban (prefix, ${columns})
    SELECT (n >> 24) || '.' || (n >> 16 & 255) || '.' || (n >> 8 & 255) || '.' || (n & 255) || '/32',
      ${columns} FROM place, ban WHERE ban.id = 1;
  `);
}
