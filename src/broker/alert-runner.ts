/**
 * Decides on the guard's requests to run ALERT_COMMAND, and has it run.
 *
 * What a taken-over guard can do here: have the operator's own program run with JSON of its choice,
 * one at a time and {@link ALERTS_PER_MINUTE} times a minute. Nobody who is trusted is named in
 * VEDETTE_SOURCE, because a program may act against whom it is told of; the JSON is the guard's, and
 * may name anybody. One for all guards of a broker, so that no new guard has a second program run
 * beside the first.
 */
import type { Clock } from "../clock.ts";
import type { Outcome } from "../model/order.ts";
import type { Prefix } from "../net/prefix.ts";
import { SlidingWindow } from "../sliding-window.ts";
import { runAlertProgram, type ToldAlert } from "./executors/alert-program.ts";
import { describeFailure } from "./executors/command-runner.ts";

/** ALERT_LIMIT is of an hour; a guard sends one after the other. */
const ALERTS_PER_MINUTE = 60;

export interface AlertRunnerParts {
  /** ALERT_COMMAND. Asked each time, because a reload may change it. */
  readonly path: () => string | undefined;
  /** Whether it, or some of it, is trusted. */
  readonly isTrusted: (source: Prefix) => boolean;
  /** HOOK_TIMEOUT. As `path`. */
  readonly timeoutMs: () => number;
  readonly clock: Clock;
  /** Default: a process. */
  readonly run?: typeof runAlertProgram;
}

export class AlertRunner {
  readonly #parts: AlertRunnerParts;
  readonly #window = new SlidingWindow({ limit: ALERTS_PER_MINUTE, windowMs: 60_000 });
  /** undefined: none. */
  #running: Promise<Outcome> | undefined;

  constructor(parts: AlertRunnerParts) {
    this.#parts = parts;
  }

  /** Fulfilled when the program has ended. Never rejects. */
  async run(alert: ToldAlert): Promise<Outcome> {
    const { path, isTrusted, timeoutMs, clock, run = runAlertProgram } = this.#parts;
    const program = path();
    if (program === undefined) return refused("ALERT_COMMAND is not set");
    if (this.#running !== undefined) return refused("ALERT_COMMAND runs already");
    if (!this.#window.take(clock.monotonicMs())) {
      return refused(`more than ${ALERTS_PER_MINUTE} alerts a minute`);
    }
    const { source } = alert;
    const told = source !== null && isTrusted(source) ? { ...alert, source: null } : alert;
    this.#running = run(program, told, timeoutMs()).then((outcome): Outcome => {
      const reason = describeFailure(outcome);
      return reason === undefined ? { status: "applied" } : { status: "failed", reason };
    });
    const outcome = await this.#running;
    this.#running = undefined;
    return outcome;
  }

  /** Fulfilled when nothing runs. */
  async idle(): Promise<void> {
    await this.#running;
  }
}

function refused(reason: string): Outcome {
  return { status: "refused", reason };
}
