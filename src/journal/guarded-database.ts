/**
 * A database whose failures stop nobody: what SQLite refuses (a full disk, a lock that somebody
 * holds, a damaged page) is caught at the call and counted.
 *
 * After a write that failed the file is left alone for a while, because each try may cost a
 * time-out. What to do with what was not written is the caller's to say.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { inTransaction, troubleOf } from "./sqlite.ts";

/** How long (ms) the file is left alone after a write that failed. */
const RETRY_AFTER_MS = 10_000;

export class GuardedDatabase {
  readonly database: DatabaseSync;
  readonly #clock: Clock;
  /** Monotonic; no write is tried before it. */
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #failures = 0;

  /** @param database open and migrated. */
  constructor(database: DatabaseSync, clock: Clock) {
    this.database = database;
    this.#clock = clock;
  }

  /** Writes and reads that failed; only grows. */
  get failures(): number {
    return this.#failures;
  }

  /** A write failed of late: the next would not be tried, and would count as one that failed. */
  get isResting(): boolean {
    return this.#clock.monotonicMs() < this.#retryAtMs;
  }

  /** The next write is tried, whatever happened to the last. */
  retryAtOnce(): void {
    this.#retryAtMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Runs `act` in one transaction. @returns undefined when it could not be written, or was not
   * tried. `act` may not return undefined.
   */
  write<Value>(act: () => Value): Value | undefined {
    if (this.isResting) {
      this.#failures += 1;
      return undefined;
    }
    try {
      return inTransaction(this.database, act);
    } catch (error) {
      this.#count(error);
      this.#retryAtMs = this.#clock.monotonicMs() + RETRY_AFTER_MS;
      return undefined;
    }
  }

  /** @returns `otherwise` when it cannot be read. */
  read<Value>(act: () => Value, otherwise: Value): Value {
    try {
      return act();
    } catch (error) {
      this.#count(error);
      return otherwise;
    }
  }

  #count(error: unknown): void {
    if (troubleOf(error) === undefined) throw error;
    this.#failures += 1;
  }
}
