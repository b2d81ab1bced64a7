/**
 * How many lines each source may cause in a file, and how many all of them together.
 *
 * Senders choose how often they knock and, forged, from how many addresses. Both bounds are those
 * of {@link SlidingWindow}: they hold in any minute, wherever it is laid. Memory is bounded by
 * `maxSources`: beyond that the source that is idle for longest is forgotten, and may begin anew.
 * Whoever forges that many sources gets past the bound of one source and never past that of all.
 */
import type { IpAddress } from "../../net/ip-address.ts";
import { SlidingWindow } from "../../sliding-window.ts";

const MINUTE_MS = 60_000;

export interface SourceLimiterOptions {
  /** Lines of one source in any minute. Integer, 1 or more. */
  readonly perSource: number;
  /** Lines of all sources in any minute. Integer, 1 or more. */
  readonly inAll: number;
  /** Sources that are remembered. Integer, 1 or more. */
  readonly maxSources: number;
}

export class SourceLimiter {
  readonly #options: SourceLimiterOptions;
  readonly #all: SlidingWindow;
  /** In the order of their last line, the idlest first. */
  readonly #sources = new Map<IpAddress, SlidingWindow>();
  #skipped = 0;

  constructor(options: SourceLimiterOptions) {
    this.#options = options;
    this.#all = new SlidingWindow({ limit: options.inAll, windowMs: MINUTE_MS });
  }

  /** Lines that were refused since the start. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Sources that are remembered now. */
  get sourceCount(): number {
    return this.#sources.size;
  }

  /**
   * Counts one line of `source` if there is room. `nowMs`: monotonic. @returns whether there was.
   */
  take(source: IpAddress, nowMs: number): boolean {
    // Asked first: a source that gets no line must not push another out of the table.
    if (!this.#all.hasRoom(nowMs) || !this.#windowOf(source).take(nowMs)) {
      this.#skipped += 1;
      return false;
    }
    this.#all.take(nowMs);
    return true;
  }

  #windowOf(source: IpAddress): SlidingWindow {
    const { perSource, maxSources } = this.#options;
    const window =
      this.#sources.get(source) ?? new SlidingWindow({ limit: perSource, windowMs: MINUTE_MS });
    this.#sources.delete(source);
    this.#sources.set(source, window);
    if (this.#sources.size > maxSources) {
      const [idlest] = this.#sources.keys();
      if (idlest !== undefined) this.#sources.delete(idlest);
    }
    return window;
  }
}
