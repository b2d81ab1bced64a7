/**
 * Sends lines to the machine's system log, in the form that the C library's syslog() sends.
 *
 * `<29>Nov 23 03:45:01 portsentry[412]: text` as one datagram (RFC 3164 section 4.1, without the
 * host name, which the log adds). Never waits, because a log that is stuck must not stop a sentry:
 * what it does not take at once is the caller's to try again. The path is looked up for each line,
 * so a log that was restarted has the next one. What cannot be seen is escaped: a source's name
 * must not forge a line. Synchronous, and nothing throws but the constructor.
 */
import type { Clock } from "../clock.ts";
import { escapeInvisible } from "../invisible-text.ts";
import type { Level } from "../logger.ts";
import { ERRNO } from "./errno.ts";
import { close, sendto, socket } from "./libc.ts";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "./spec.ts";
import { encodeUnixAddress } from "./unix-address.ts";

/** Where logs listen. */
const SYSLOG_PATH = "/dev/log";

/** Severities of RFC 3164 section 4.1.1, by their number. */
const SEVERITY: Readonly<Record<Level, number>> = {
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

/** "system daemons", RFC 3164 section 4.1.1. */
const FACILITY_DAEMON = 3;

/** Longest datagram, bytes: RFC 3164 section 4.1. 1.2 has the same bound for its texts. */
const LONGEST_LINE_BYTES = 1024;

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

export interface SyslogSocketOptions {
  /** Name before the process id: "portsentry". */
  readonly ident: string;
  /** Process id that is told. Default: this process's. */
  readonly pid?: number;
  /** Default /dev/log; 1 to 107 bytes, anything else is a bug and throws RangeError. */
  readonly path?: string;
}

/** "Nov  3 03:45:01", RFC 3164 section 4.1.2, local. `offsetMinutes`: east of UTC. */
export function formatSyslogTime(epochMs: number, offsetMinutes?: number): string {
  const offset = offsetMinutes ?? -new Date(epochMs).getTimezoneOffset();
  const local = new Date(epochMs + offset * 60_000);
  const day = String(local.getUTCDate()).padStart(2);
  return `${MONTHS[local.getUTCMonth()]} ${day} ${local.toISOString().slice(11, 19)}`;
}

export class SyslogSocket {
  readonly #clock: Clock;
  readonly #address: Uint8Array;
  readonly #tag: string;
  #fd: number | undefined;

  constructor(options: SyslogSocketOptions, clock: Clock) {
    const { ident, pid = process.pid, path = SYSLOG_PATH } = options;
    this.#clock = clock;
    const address = encodeUnixAddress(path);
    if (address === undefined) throw new RangeError(`no path of a socket: ${path}`);
    this.#address = address;
    this.#tag = `${ident}[${pid}]`;
  }

  /**
   * Sends one line; after {@link close} it opens a socket again.
   * @returns "busy" when there is a log that takes no more just now, "lost" when there is none.
   */
  send(level: Level, text: string): "sent" | "busy" | "lost" {
    const priority = FACILITY_DAEMON * 8 + SEVERITY[level];
    const time = formatSyslogTime(this.#clock.epochMs());
    const line = cut(Buffer.from(`<${priority}>${time} ${this.#tag}: ${escapeInvisible(text)}`));
    const fd = this.#fd ?? socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd >= 0) {
      this.#fd = fd;
      const sent = sendto(fd, line, this.#address, MSG_DONTWAIT);
      if (sent === line.length) return "sent";
      if (sent === -ERRNO.EAGAIN) return "busy";
    }
    return "lost";
  }

  /** May be called again. */
  close(): void {
    if (this.#fd !== undefined) close(this.#fd);
    this.#fd = undefined;
  }
}

/** Never within a character: the bytes 10xxxxxx of UTF-8 belong to the one before. */
function cut(line: Buffer): Buffer {
  if (line.length <= LONGEST_LINE_BYTES) return line;
  let end = LONGEST_LINE_BYTES;
  while (((line[end] as number) & 0xc0) === 0x80) end -= 1;
  return line.subarray(0, end);
}
