/**
 * The queue before one way of sending: one at a time, in order, tried again with ever longer pauses.
 *
 * Bounded by {@link MAX_WAITING}: what is more drops the oldest that waits, because who reads alerts
 * after an outage wants the latest. What is lost is counted and told. Nothing survives a restart:
 * the journal has what happened.
 */

/** Alerts that wait at once. */
export const MAX_WAITING = 200;

/** Attempts for one alert: with these pauses some 80 minutes. */
export const MAX_ATTEMPTS = 14;

/** Pause (ms) after the first failure; doubles with each. */
const FIRST_PAUSE_MS = 2000;

const LONGEST_PAUSE_MS = 600_000;

export type SendOutcome =
  | { readonly status: "sent" }
  | {
      readonly status: "failed";
      /** Without a secret, and without a full stop. */
      readonly reason: string;
      /** The same again would fail the same way. */
      readonly isFinal: boolean;
      /** Shortest pause (ms) that the other end asks for. */
      readonly retryAfterMs?: number;
    };

export interface OutboxParts<Message> {
  /** Never rejects. */
  readonly send: (message: Message) => Promise<SendOutcome>;
  /** Nothing is sent before {@link Outbox.release}. */
  readonly isHeld: boolean;
  /** Calls `run` once, after `delayMs`. @returns what takes that back. */
  readonly startTimer: (delayMs: number, run: () => void) => () => void;
  /** One could not be sent. @param lost so many alerts are lost so far. */
  readonly onFailure: (reason: string, lost: number) => void;
  /** One was sent. */
  readonly onSent: () => void;
}

export class Outbox<Message> {
  readonly #parts: OutboxParts<Message>;
  readonly #waiting: Message[] = [];
  #attempts = 0;
  #lost = 0;
  #isSending = false;
  #isHeld: boolean;
  #isClosed = false;
  #stopTimer: (() => void) | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(parts: OutboxParts<Message>) {
    this.#parts = parts;
    this.#isHeld = parts.isHeld;
  }

  /** Takes one; it is sent as soon as those before it were. */
  put(message: Message): void {
    if (this.#isClosed) return;
    if (this.#waiting.length >= MAX_WAITING) {
      // The first is under way, and has its pause.
      this.#waiting.splice(1, 1);
      this.#lost++;
    }
    this.#waiting.push(message);
    this.#next();
  }

  /** Sends what was held back, and from now on at once. */
  release(): void {
    this.#isHeld = false;
    this.#next();
  }

  /**
   * Takes nothing from now on, and forgets what waits for another attempt.
   * @returns when what could be sent at once was.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#isSending) await this.#sending;
  }

  #next(): void {
    const [message] = this.#waiting;
    if (message === undefined || this.#isHeld) return;
    if (this.#isSending || this.#stopTimer !== undefined) return;
    this.#isSending = true;
    this.#sending = this.#parts.send(message).then((outcome) => {
      this.#isSending = false;
      this.#take(outcome);
    });
  }

  #take(outcome: SendOutcome): void {
    if (outcome.status === "sent") {
      this.#forget();
      this.#lost = 0;
      this.#parts.onSent();
      this.#next();
      return;
    }
    this.#attempts++;
    const isLost = outcome.isFinal || this.#attempts >= MAX_ATTEMPTS;
    const pauseMs = Math.max(outcome.retryAfterMs ?? 0, pauseAfter(this.#attempts));
    if (isLost) {
      this.#forget();
      this.#lost++;
    }
    this.#parts.onFailure(outcome.reason, this.#lost);
    // With the pause, so that no failure makes the next one come at once.
    if (this.#isClosed) return;
    this.#stopTimer = this.#parts.startTimer(pauseMs, () => {
      this.#stopTimer = undefined;
      this.#next();
    });
  }

  #forget(): void {
    this.#waiting.shift();
    this.#attempts = 0;
  }
}

function pauseAfter(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
}
