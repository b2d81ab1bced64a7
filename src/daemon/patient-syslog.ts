/**
 * The system's log with some patience: lines that it does not take at once wait, in their order.
 *
 * A log that is busy takes as few as ten lines at a time, and a start or a scan has more. At most
 * {@link MAX_WAITING} wait, and not for ever: a log that has taken nothing for {@link PATIENCE_MS} is
 * stuck. What is lost then is counted, and told by the first line that the log takes again. Where
 * there is no log nothing waits: the caller has another place for the line.
 */

import type { Clock } from "../clock.ts";
import { counted } from "../counted.ts";
import type { SyslogSocket } from "../kernel/syslog-socket.ts";
import type { Level } from "../logger.ts";

/** Lines that may wait. */
export const MAX_WAITING = 2000;

/** How often (ms) the log is tried again. */
const RETRY_MS = 20;

/** How long (ms) a log may take nothing until what waits is given up. */
export const PATIENCE_MS = 2000;

interface Line {
  readonly level: Level;
  readonly text: string;
}

export class PatientSyslog {
  readonly #socket: Pick<SyslogSocket, "send" | "close">;
  readonly #clock: Clock;
  readonly #waiting: Line[] = [];
  #lost = 0;
  #tookAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isSettled = Promise.withResolvers<void>();

  constructor(socket: Pick<SyslogSocket, "send" | "close">, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.#isSettled.resolve();
  }

  /** Fulfilled when nothing waits, at the latest when patience is at an end. */
  async settled(): Promise<void> {
    await this.#isSettled.promise;
  }

  /** @returns "lost" when it must be told elsewhere: there is no log, or too much waits. */
  send(level: Level, text: string): "sent" | "lost" {
    if (this.#waiting.length > 0) return this.#wait({ level, text });
    this.#tellLost();
    const outcome = this.#socket.send(level, text);
    if (outcome === "busy") {
      this.#tookAtMs = this.#clock.monotonicMs();
      return this.#wait({ level, text });
    }
    return outcome;
  }

  /** Tries what waits once more, and lets go of the rest. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.retry();
    this.#waiting.length = 0;
    this.#socket.close();
  }

  /** Sends what the log takes now. Called every {@link RETRY_MS} while something waits. */
  retry(): void {
    let sent = 0;
    for (const { level, text } of this.#waiting) {
      const outcome = this.#socket.send(level, text);
      if (outcome === "busy") break;
      if (outcome === "lost") this.#lost += 1;
      sent += 1;
    }
    const now = this.#clock.monotonicMs();
    this.#waiting.splice(0, sent);
    if (sent > 0) this.#tookAtMs = now;
    else if (now - this.#tookAtMs >= PATIENCE_MS) {
      this.#lost += this.#waiting.length;
      this.#waiting.length = 0;
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isSettled.resolve();
    this.#tellLost();
  }

  #wait(line: Line): "sent" | "lost" {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lost += 1;
      return "lost";
    }
    if (this.#waiting.length === 0) this.#isSettled = Promise.withResolvers();
    this.#waiting.push(line);
    this.#timer ??= setInterval(() => this.retry(), RETRY_MS);
    return "sent";
  }

  #tellLost(): void {
    if (this.#lost === 0) return;
    const text = `the log did not take ${counted(this.#lost, "line")} before this one`;
    if (this.#socket.send("warning", text) === "sent") this.#lost = 0;
  }
}
