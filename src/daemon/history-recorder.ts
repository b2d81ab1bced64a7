/**
 * Gathers what HISTORY_FILE is to have and hands it to the broker, ten times a second at most.
 *
 * Requests to the broker are counted, and bans are among them: a flood of scans must not use them
 * up. What comes faster than {@link MAX_BATCH} between two requests is left out, far beyond what
 * the file takes. A broker that is gone takes nothing; the guard then ends by itself.
 */
import { MAX_BATCH, type ScanRecord } from "../broker/protocol.ts";
import { OperationalError } from "../errors.ts";
import type { Outcome } from "../model/order.ts";
import type { Scan, ScanResult } from "./dialects/dialect.ts";

/** How long (ms) records are gathered after a request. */
export const GATHER_MS = 100;

export interface HistoryRecorderParts {
  readonly record: (records: readonly ScanRecord[]) => Promise<readonly Outcome[]>;
  /** What has a line. 1.2's form tells the block alone. */
  readonly results: ReadonlySet<ScanResult["status"]>;
  /** Calls `run` once, after `delayMs`. */
  readonly startTimer: (delayMs: number, run: () => void) => void;
}

export class HistoryRecorder {
  readonly #parts: HistoryRecorderParts;
  #waiting: ScanRecord[] = [];
  #isPausing = false;
  #sent: Promise<void> = Promise.resolve();

  constructor(parts: HistoryRecorderParts) {
    this.#parts = parts;
  }

  /** Takes a scan that is over; the first is handed on at once. */
  take(scan: Scan, { status }: ScanResult): void {
    if (status === "ignored" || !this.#parts.results.has(status)) return;
    if (this.#waiting.length >= MAX_BATCH) return;
    const { mode: _mode, ...fields } = scan;
    this.#waiting.push({ ...fields, result: status });
    if (!this.#isPausing) this.#send();
  }

  /** Hands on what waits. Fulfilled when the broker has it. */
  async settled(): Promise<void> {
    if (this.#waiting.length > 0) this.#send();
    await this.#sent;
  }

  #send(): void {
    const records = this.#waiting;
    this.#waiting = [];
    this.#isPausing = true;
    this.#sent = this.#parts.record(records).then(
      () => {},
      (error: unknown) => {
        if (!(error instanceof OperationalError)) throw error;
      },
    );
    this.#parts.startTimer(GATHER_MS, () => {
      this.#isPausing = false;
      if (this.#waiting.length > 0) this.#send();
    });
  }
}
