/**
 * BLOCK_LOG: a line for each dropped attempt of a held or banned source, as a system log would file
 * the kernel's own.
 *
 * A shut-out sender decides how often it knocks, so a source has at most {@link LINES_A_SOURCE} in
 * any minute and all of them {@link LINES_A_MINUTE}; a token bucket would allow twice that around
 * its filling. What is left out is counted. Another program may write the same file, and it may be
 * rotated at any time ({@link AppendFile}). Made with mode 0640.
 */
import { hostname } from "node:os";
import type { Clock } from "../../clock.ts";
import { nameOfInterface } from "../../kernel/libc.ts";
import { formatSyslogTime } from "../../kernel/syslog-socket.ts";
import type { DroppedPacket } from "../../model/dropped-packet.ts";
import type { Outcome } from "../../model/order.ts";
import { AppendFile } from "./append-file.ts";
import { DROP_PREFIX, formatDropLine } from "./drop-line.ts";
import { SourceLimiter } from "./source-limiter.ts";

/** Lines of one source in any minute; the kernel's rule in PortSentry's sample has the same. */
export const LINES_A_SOURCE = 3;

/** Lines of all sources in any minute: under 250 MB a day in the worst case. */
export const LINES_A_MINUTE = 600;

const MAX_SOURCES = 4096;

export interface BlockLogOptions {
  readonly path: string;
  /** Name and process id of the writer, as syslog has them: "portsentry[412]". */
  readonly sender: string;
  /** This machine's name; the part before its first dot is written. Default: the kernel's. */
  readonly hostName?: string;
  /** Name of an interface by its number, "" without one. Default: the kernel's. */
  readonly nameOfInterface?: (index: number) => string;
}

export class BlockLog {
  readonly #file: AppendFile;
  readonly #clock: Clock;
  readonly #nameOfInterface: (index: number) => string;
  /** Host and sender, the same in each line. */
  readonly #origin: string;
  readonly #limiter = new SourceLimiter({
    perSource: LINES_A_SOURCE,
    inAll: LINES_A_MINUTE,
    maxSources: MAX_SOURCES,
  });

  constructor(options: BlockLogOptions, clock: Clock) {
    const { path, sender, hostName = hostname() } = options;
    this.#file = new AppendFile({ path, modeBits: 0o640 });
    this.#nameOfInterface = options.nameOfInterface ?? nameOfInterface;
    this.#clock = clock;
    const [shortName] = hostName.replace(/[^0-9A-Za-z.-]/g, "?").split(".", 1);
    this.#origin = `${shortName} ${sender}`;
  }

  /** Lines that the file did not take. */
  get failures(): number {
    return this.#file.failures;
  }

  /** Dropped packets that have no line because of a bound. */
  get skipped(): number {
    return this.#limiter.skipped;
  }

  /** Makes the file when it is missing, so that a wrong path is known before the first line. */
  open(): Outcome {
    return this.#file.open();
  }

  /** "refused" when the source, or all of them, have had their lines in this minute. */
  append(packet: DroppedPacket): Outcome {
    if (!this.#limiter.take(packet.source, this.#clock.monotonicMs())) {
      return { status: "refused", reason: "the block log takes no more lines in this minute" };
    }
    const time = formatSyslogTime(this.#clock.epochMs());
    // Asked each time: a name may change, and there are few lines.
    const name = packet.interfaceIndex === 0 ? "" : this.#nameOfInterface(packet.interfaceIndex);
    const text = formatDropLine(packet, name);
    return this.#file.append(`${time} ${this.#origin}: ${DROP_PREFIX}${text}`);
  }

  /** Another append opens the file again. */
  close(): void {
    this.#file.close();
  }
}
