/** How large the history of a guard is: its files, and its rows. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Guard } from "../support/guard.ts";

/** The database and the files that SQLite lays beside it. */
export function historyFilesOf({ folder }: Guard): string[] {
  const path = join(folder, "state/journal/history.sqlite");
  return [path, `${path}-wal`, `${path}-shm`];
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The largest that the files were at any look. */
export class HistorySize {
  readonly #guard: Guard;
  #file = 0;
  #log = 0;
  #total = 0;

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  look(): void {
    const [file = 0, log = 0] = historyFilesOf(this.#guard).map(bytesOf);
    this.#file = Math.max(this.#file, file);
    this.#log = Math.max(this.#log, log);
    this.#total = Math.max(this.#total, file + log);
  }

  /** Bytes of both together. */
  get total(): number {
    return this.#total;
  }

  get words(): string {
    const [file, log] = [this.#file, this.#log].map((bytes) => (bytes / 1024 / 1024).toFixed(1));
    return `history ${file} MiB, its log ${log} MiB at most`;
  }
}

/** Rows of the history by what they are. */
export function rowsOf(guard: Guard): Record<string, number> {
  const [path = ""] = historyFilesOf(guard);
  using database = new DatabaseSync(path, { readOnly: true });
  const counts = database
    .prepare(
      `SELECT verdict AS what, count(*) AS rows FROM campaign GROUP BY verdict
       UNION ALL SELECT kind, count(*) FROM event GROUP BY kind`,
    )
    .all();
  return Object.fromEntries(counts.map(({ what, rows }) => [`${what}`, Number(rows)]));
}
