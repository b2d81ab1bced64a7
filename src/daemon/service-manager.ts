/**
 * What systemd is told of one of the two processes: that it is ready, what it does, that it lives.
 *
 * `beat` is called by whoever has just made progress, and never by a timer of its own: a watchdog
 * that is fed by a clock watches the clock. With no manager, which is so wherever NOTIFY_SOCKET is
 * not set, nothing is sent.
 *
 * Source: sd_notify(3), sd_watchdog_enabled(3).
 */
import { NotifySocket } from "../kernel/notify-socket.ts";

/** The status of a service is one line; what is longer is for `vedette status`. Characters. */
const LONGEST_STATUS = 200;

/** How long a start may take until it is heard of again. Microseconds. */
const START_GOES_ON_MICROS = 60_000_000;

/** Says one message; a {@link NotifySocket}, or a list in tests. */
export interface Notifier {
  send(text: string): unknown;
}

export class ServiceManager {
  readonly #notifier: Notifier | undefined;
  /** What was told last. */
  #status = "";
  #isReady = false;

  constructor(notifier: Notifier | undefined) {
    this.#notifier = notifier;
  }

  /** It is not ready yet, and gets on: the time for its start is not over for a minute. */
  starting(text: string): void {
    this.#send(`EXTEND_TIMEOUT_USEC=${START_GOES_ON_MICROS}`, `STATUS=${lineOf(text)}`);
  }

  /** It does its work, for the first time or again after {@link reloading}. */
  ready(status: string): void {
    this.#isReady = true;
    this.#status = lineOf(status);
    this.#send("READY=1", `STATUS=${this.#status}`);
  }

  /** What it does now, as a short sentence; nothing is sent when that was told last. */
  status(text: string): void {
    const status = lineOf(text);
    if (status === this.#status) return;
    this.#status = status;
    this.#send(`STATUS=${status}`);
  }

  /** The files are being read again; {@link ready} follows, also when they are bad. */
  reloading(): void {
    // CLOCK_MONOTONIC itself, which the manager reads, too: no clock of ours begins where it does.
    const nowMicros = process.hrtime.bigint() / 1000n;
    if (this.#isReady) this.#send("RELOADING=1", `MONOTONIC_USEC=${nowMicros}`);
  }

  /** It ends because it was asked to. */
  stopping(): void {
    this.#send("STOPPING=1", "STATUS=Stopping.");
  }

  /** It has made progress just now. */
  beat(): void {
    this.#send("WATCHDOG=1");
  }

  #send(...assignments: readonly string[]): void {
    this.#notifier?.send(assignments.join("\n"));
  }
}

/** @returns the manager that has started this process, or one that nothing reaches. */
export function openServiceManager(env: NodeJS.ProcessEnv = process.env): ServiceManager {
  const name = env["NOTIFY_SOCKET"];
  return new ServiceManager(name ? new NotifySocket(name) : undefined);
}

/** Assignments are parted by line ends, and a health problem may quote what is in a file. */
function lineOf(text: string): string {
  const line = text.replace(/\p{Cc}/gu, "?");
  return line.length > LONGEST_STATUS ? `${line.slice(0, LONGEST_STATUS - 1)}…` : line;
}
