/**
 * Decides on the guard's requests to write into the administrator's files: HISTORY_FILE and
 * BLOCK_LOG.
 *
 * What a taken-over guard can do here: put invented lines into both, well-formed and within the
 * bounds of a second here and of a minute in the files themselves, and none about a trusted source.
 */
import type { DroppedPacket } from "../model/dropped-packet.ts";
import type { Outcome } from "../model/order.ts";
import type { Prefix } from "../net/prefix.ts";
import { SlidingWindow } from "../sliding-window.ts";
import type { ScanRecord } from "./protocol.ts";

const SECOND_MS = 1000;

/** The kernel tells of 40 in the second of a burst, and of ten in each that follows. */
const DROPPED_PER_SECOND = 50;

/** Requests to write into HISTORY_FILE; an honest guard gathers what comes within 100 ms. */
const RECORDS_PER_SECOND = 20;

/** What is wanted of HISTORY_FILE's writer. */
interface ScanHistory {
  /** Writes the line that is due for it, if one is. */
  record(record: ScanRecord): Outcome;
  /** Blocks inside these prefixes are over: the next one is told again. */
  forget(prefixes: readonly Prefix[]): void;
}

export interface ReportDeskParts {
  /** Asked each time, because a reload may change it; undefined where there is no HISTORY_FILE. */
  readonly history: () => ScanHistory | undefined;
  /** Writes a line for a dropped packet, if one is wanted. Never throws. */
  readonly onDropped: (packet: DroppedPacket) => Outcome;
}

export class ReportDesk {
  readonly #parts: ReportDeskParts;
  readonly #dropped = new SlidingWindow({ limit: DROPPED_PER_SECOND, windowMs: SECOND_MS });
  readonly #records = new SlidingWindow({ limit: RECORDS_PER_SECOND, windowMs: SECOND_MS });

  constructor(parts: ReportDeskParts) {
    this.#parts = parts;
  }

  /** `nowMs`: monotonic. @returns an outcome for each, in order. */
  record(records: readonly ScanRecord[], nowMs: number): Outcome[] {
    const history = this.#parts.history();
    const refuseAll = (reason: string) =>
      records.map((): Outcome => ({ status: "refused", reason }));
    if (history === undefined) return refuseAll("there is no HISTORY_FILE");
    if (!this.#records.take(nowMs)) {
      return refuseAll(`more than ${RECORDS_PER_SECOND} requests a second for HISTORY_FILE`);
    }
    return records.map((record) => history.record(record));
  }

  drop(packet: DroppedPacket, nowMs: number): Outcome {
    if (this.#dropped.take(nowMs)) return this.#parts.onDropped(packet);
    return {
      status: "refused",
      reason: `more than ${DROPPED_PER_SECOND} dropped packets a second`,
    };
  }

  /** Who is unbanned is a first block again when the next one comes. */
  forget(prefixes: readonly Prefix[]): void {
    this.#parts.history()?.forget(prefixes);
  }
}
