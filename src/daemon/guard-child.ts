/**
 * Keeps one guard process: starts it, and starts it again when it dies.
 *
 * What it dies of may come from the network, so it comes back at once the first time and then ever
 * more slowly, up to {@link LONGEST_PAUSE_MS}: a sender who can end it cannot make it spin. Bans
 * and the kernel's holds stand meanwhile, and the log socket keeps what the kernel reports.
 */
import type { Socket } from "node:net";
import type { HandedSocket } from "../broker/protocol.ts";
import type { Clock } from "../clock.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

/**
 * A guard that lived so long (ms) has left its trouble behind: the next pause is the first again.
 */
const SETTLED_MS = 60_000;

/** How long (ms) a guard may take to stop when it is asked to. */
const STOP_WITHIN_MS = 5000;

/** A socket of ours that a guard gets. */
export type OwnedSocket = HandedSocket;

/** One guard process, from its start to its end. */
export interface GuardRun {
  /** undefined: it could not be started, and `ended` says why. */
  readonly link: GuardRunLink | undefined;
  /** Ends it, whatever it does; may be called again. */
  readonly kill: () => void;
  /** Fulfilled when it has ended. Never rejects. */
  readonly ended: Promise<GuardEnd>;
}

/** How a guard process has ended. */
export interface GuardEnd {
  /** For people: "SIGKILL", "exit 1". */
  readonly how: string;
  /** undefined when a signal has ended it, or it is no child of ours. */
  readonly exitStatus: number | undefined;
}

interface GuardRunLink {
  readonly channel: Socket;
  /** The sockets, by their numbers in the guard. */
  readonly sockets: readonly HandedSocket[];
}

/** Starts a guard process that gets `sockets`; `onOutput` is called with what it prints. */
export type StartGuard = (
  sockets: readonly OwnedSocket[],
  onOutput: (text: string) => void,
) => GuardRun;

export interface GuardChildOptions {
  readonly startGuard: StartGuard;
  readonly sockets: readonly OwnedSocket[];
  /**
   * Called with the channel of each new guard process, the numbers of its sockets, and what kills
   * this very process: the one that follows it lives on.
   */
  readonly onStart: (channel: Socket, sockets: readonly HandedSocket[], kill: () => void) => void;
  /** Called with what the guard prints: lines, and pieces of lines, free of control characters. */
  readonly onOutput: (text: string) => void;
  /** Called when a guard process has ended without being asked to. */
  readonly onDeath: (end: GuardEnd, pauseMs: number) => void;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** Line ends pass; what could move a cursor or forge a colour does not. */
function stripControls(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, "?");
}

/** Kills what does not end by itself in time. */
async function endOf(run: GuardRun, withinMs: number): Promise<void> {
  const timer = setTimeout(run.kill, withinMs);
  await run.ended;
  clearTimeout(timer);
}

export class GuardChild {
  readonly #options: GuardChildOptions;
  #sockets: readonly OwnedSocket[];
  #run: GuardRun | undefined;
  /** The one that was asked to end, to make room for another. */
  #leaving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;
  #startedAtMs = 0;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: GuardChildOptions) {
    this.#options = options;
    this.#sockets = options.sockets;
  }

  /** Starts a guard process; called again by itself when it dies. */
  start(): void {
    const { startGuard, onStart, onOutput, clock } = this.#options;
    const run = startGuard(this.#sockets, (text) => onOutput(stripControls(text)));
    this.#run = run;
    this.#startedAtMs = clock.monotonicMs();
    void run.ended.then((end) => {
      if (this.#run === run) this.#ended(end);
    });
    if (run.link !== undefined) onStart(run.link.channel, run.link.sockets, run.kill);
  }

  /**
   * Waits for the guard to end, which it was asked to, and starts another with these sockets. What
   * comes in between waits in the sockets that both have.
   * @param withinMs how long the guard may take until it is killed.
   * @returns when the first has ended.
   */
  async replace(sockets: readonly OwnedSocket[], withinMs: number): Promise<void> {
    this.#sockets = sockets;
    const run = this.#run;
    // Between a death and the start that follows it there is nobody to end.
    if (run === undefined) return;
    this.#run = undefined;
    this.#leaving = endOf(run, withinMs);
    await this.#leaving;
    if (!this.#isStopping) this.start();
  }

  /** Waits for the guard to end, which it was asked to; kills it when it does not. Not again. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#leaving;
    if (this.#run !== undefined) await endOf(this.#run, STOP_WITHIN_MS);
  }

  #ended(end: GuardEnd): void {
    if (this.#isStopping) return;
    this.#run = undefined;
    const livedMs = this.#options.clock.monotonicMs() - this.#startedAtMs;
    if (livedMs >= SETTLED_MS) this.#pauseMs = FIRST_PAUSE_MS;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    this.#options.onDeath(end, pauseMs);
    // Whoever hears of it may have given up.
    if (this.#isStopping) return;
    this.#timer = setTimeout(() => this.start(), pauseMs);
  }
}
