/**
 * HISTORY_FILE: what was caught, added to and never cut, in 1.2's or in 2.x's form.
 *
 * 1.2's has a line for the first block of each source, which fail2ban's stock jail lives on; 2.x's
 * has a line for each scan. Both are rationed, because senders decide how many there are:
 * {@link LINES_A_MINUTE} in all and, in 2.x's form, {@link SCANS_A_MINUTE} a source. A line that
 * was not written for either reason is counted and, in 1.2's form, is due again at the source's
 * next block. Made with mode 0600, as 1.2 does.
 */
import type { Clock } from "../../clock.ts";
import type { Outcome } from "../../model/order.ts";
import type { IpAddress } from "../../net/ip-address.ts";
import { bits128Of, firstAddressOf, hostPrefixOf, type Prefix } from "../../net/prefix.ts";
import { PrefixSet } from "../../net/prefix-set.ts";
import { AppendFile } from "./append-file.ts";
import { formatHistoryLine, type HistoryRecord } from "./history-line.ts";
import { formatOffsetTime } from "./local-time.ts";
import { SourceLimiter } from "./source-limiter.ts";

/** Lines of all sources in any minute: under 200 MB a day in the worst case. */
export const LINES_A_MINUTE = 600;

/** Lines of one source in any minute, in 2.x's form. */
export const SCANS_A_MINUTE = 20;

const MAX_SOURCES = 65_536;

export interface HistoryFileOptions {
  readonly path: string;
  /** Made when the file is to lie directly in it and it is missing. */
  readonly stateDirectory: string;
}

export class HistoryFile {
  readonly #file: AppendFile;
  readonly #clock: Clock;
  readonly #limiter = new SourceLimiter({
    perSource: SCANS_A_MINUTE,
    inAll: LINES_A_MINUTE,
    maxSources: MAX_SOURCES,
  });
  /** Sources whose block has its line; the oldest first. */
  readonly #blocked = new Set<IpAddress>();

  constructor({ path, stateDirectory }: HistoryFileOptions, clock: Clock) {
    this.#file = new AppendFile({ path, modeBits: 0o600, ownDirectory: stateDirectory });
    this.#clock = clock;
  }

  /** Lines that the file did not take. */
  get failures(): number {
    return this.#file.failures;
  }

  /** Lines that were left out by the ration. */
  get skipped(): number {
    return this.#limiter.skipped;
  }

  /** 1.2's form. "already-applied" when the source's block has its line. */
  appendBlock(record: HistoryRecord): Outcome {
    if (this.#blocked.has(record.address)) return { status: "already-applied" };
    const outcome = this.#append(record.address, formatHistoryLine(record));
    if (outcome.status === "applied") this.#remember(record.address);
    return outcome;
  }

  /** 2.x's form. `text`: the line of the dialect; the time is put before it. */
  appendScan(source: IpAddress, text: string): Outcome {
    return this.#append(source, `${formatOffsetTime(this.#clock.epochMs())} ${text}`);
  }

  /** Blocks inside these prefixes are over: the next one of each source is a first one again. */
  forget(prefixes: readonly Prefix[]): void {
    const wide = new PrefixSet<undefined>();
    for (const prefix of prefixes) {
      // The usual unban names one source: thousands of them must not walk the set each.
      if (bits128Of(prefix) === 128) this.#blocked.delete(firstAddressOf(prefix));
      else wide.add(prefix, undefined);
    }
    if (wide.size === 0) return;
    for (const source of this.#blocked) {
      if (wide.overlapping(hostPrefixOf(source)) !== undefined) this.#blocked.delete(source);
    }
  }

  /** Another append opens the file again. */
  close(): void {
    this.#file.close();
  }

  #append(source: IpAddress, line: string): Outcome {
    if (this.#limiter.take(source, this.#clock.monotonicMs())) return this.#file.append(line);
    return { status: "refused", reason: "the history file takes no more lines in this minute" };
  }

  #remember(source: IpAddress): void {
    this.#blocked.add(source);
    if (this.#blocked.size <= MAX_SOURCES) return;
    const [oldest] = this.#blocked;
    if (oldest !== undefined) this.#blocked.delete(oldest);
  }
}
