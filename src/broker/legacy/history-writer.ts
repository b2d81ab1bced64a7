/**
 * Writes what the guard asks for into HISTORY_FILE, and checks again what may stand there.
 *
 * Whoever stands in the file is banned by its readers: fail2ban's stock jail takes every `Blocked`
 * line of 1.2's form, that of 2.x every `Scan from:` line. So nobody who is trusted gets a line,
 * and no address that is no single sender's, whatever a guard that was taken over asks for. In
 * 1.2's form a source has a line when it is blocked and, where the configuration wants no block,
 * when it would be; never when a block was tried and failed. A file that cannot be written is told
 * once, until it can be.
 */
import type { Clock } from "../../clock.ts";
import type { Outcome } from "../../model/order.ts";
import { hostPrefixOf, type Prefix } from "../../net/prefix.ts";
import { whyNeverBanned } from "../executors/bannable.ts";
import type { ScanRecord } from "../protocol.ts";
import type { TrustCheck } from "../trusted-set.ts";
import type { HistoryFile } from "./history-file.ts";

export interface HistoryWriterParts {
  readonly file: HistoryFile;
  readonly trusted: TrustCheck;
  readonly clock: Clock;
  /** The line of 2.x's form, without its time; undefined for 1.2's form. */
  readonly formatScan: ((record: ScanRecord) => string) | undefined;
  /** Called when the file begins to fail, and with undefined when it takes lines again. */
  readonly onFault: (reason: string | undefined) => void;
}

/** What has no line in 1.2's form, and why. */
const NO_BLOCK: Outcome = { status: "refused", reason: "it is no first block of a source" };

export class HistoryWriter {
  readonly #parts: HistoryWriterParts;
  #isFailing = false;

  constructor(parts: HistoryWriterParts) {
    this.#parts = parts;
  }

  /** "already-applied": in 1.2's form, for a source that was watched and has its line. */
  record(record: ScanRecord): Outcome {
    const source = hostPrefixOf(record.source);
    const reason = this.#parts.trusted.check(source) ?? whyNeverBanned(source);
    if (reason !== undefined) return { status: "refused", reason };
    const outcome = this.#write(record, source);
    if (outcome.status === "applied") this.#clear();
    if (outcome.status === "failed") this.#fail(outcome.reason);
    return outcome;
  }

  /** Blocks inside these prefixes are over: the next one is told again. */
  forget(prefixes: readonly Prefix[]): void {
    this.#parts.file.forget(prefixes);
  }

  /** Another record opens the file again. */
  close(): void {
    this.#parts.file.close();
  }

  #write(record: ScanRecord, source: Prefix): Outcome {
    const { file, clock, formatScan } = this.#parts;
    if (formatScan !== undefined) return file.appendScan(record.source, formatScan(record));
    const { source: address, host, port, transport, result } = record;
    if (result !== "blocked" && result !== "watched") return NO_BLOCK;
    // Nobody is blocked twice while a block stands: the one before has run out.
    if (result === "blocked") file.forget([source]);
    return file.appendBlock({ address, host, port, transport, sinceEpochMs: clock.epochMs() });
  }

  #fail(reason: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#parts.onFault(reason);
  }

  #clear(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#parts.onFault(undefined);
  }
}
