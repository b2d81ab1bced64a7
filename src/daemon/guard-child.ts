/**
 * Starts the guard process, speaks to it, and starts it again when it dies.
 *
 * What it dies of may come from the network, so it comes back at once the first time and then ever
 * more slowly, up to {@link LONGEST_PAUSE_MS}: a sender who can end it cannot make it spin. Bans
 * and the kernel's holds stand meanwhile, and the log socket keeps what the kernel reports.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { HandedSocket } from "../broker/protocol.ts";
import type { UnprivilegedUser } from "./privileges.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

/**
 * A guard that lived so long (ms) has left its trouble behind: the next pause is the first again.
 */
const SETTLED_MS = 60_000;

/** How long (ms) a guard may take to stop when it is asked to. */
const STOP_WITHIN_MS = 5000;

/** Descriptors of the guard: 0 to 2 the standard ones, 3 the channel, then its sockets. */
const FIRST_HANDED_FD = 4;

/** A socket of ours that a guard inherits. */
export type OwnedSocket = HandedSocket;

export interface GuardChildOptions {
  readonly user: UnprivilegedUser;
  readonly sockets: readonly OwnedSocket[];
  /**
   * Called with the channel of each new guard process, the numbers of its sockets, and what kills
   * this very process: the one that follows it lives on.
   */
  readonly onStart: (channel: Socket, sockets: readonly HandedSocket[], kill: () => void) => void;
  /** Called with what the guard prints: lines, and pieces of lines, free of control characters. */
  readonly onOutput: (text: string) => void;
  /** Called when a guard process has ended without being asked to. */
  readonly onDeath: (how: string, pauseMs: number) => void;
}

/** Line ends pass; what could move a cursor or forge a colour does not. */
function stripControls(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, "?");
}

/** Kills what does not end by itself in time. */
async function endOf(child: ChildProcess, withinMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
  await new Promise((done) => child.once("exit", done));
  clearTimeout(timer);
}

/** What the guard's process is told of ours, and no more. */
const ENVIRONMENT = {
  PATH: "/usr/bin:/bin",
  TZ: process.env["TZ"] ?? "",
  NODE_NO_WARNINGS: "1",
  // It loads the files that we have loaded; without root it can write nothing there.
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
};

export class GuardChild {
  readonly #options: GuardChildOptions;
  #sockets: readonly OwnedSocket[];
  #child: ChildProcess | undefined;
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
    const { user, onStart, onOutput } = this.#options;
    const sockets = this.#sockets;
    const file = import.meta.url.endsWith(".ts") ? "./guard-process.ts" : "./guard-process.js";
    const child = spawn(
      process.execPath,
      [
        "--max-semi-space-size=16",
        fileURLToPath(new URL(file, import.meta.url)),
        `${user.uid}`,
        `${user.gid}`,
        `${process.pid}`,
      ],
      {
        cwd: "/",
        // A session of its own: a terminal's Ctrl-C is ours to handle.
        detached: true,
        env: ENVIRONMENT,
        // Its output comes through us: whoever takes it over must not hold root's terminal.
        stdio: ["ignore", "pipe", "pipe", "pipe", ...sockets.map(({ fd }) => fd)],
      },
    );
    this.#child = child;
    this.#startedAtMs = performance.now();
    if (child.pid === undefined) {
      // Not started: "error" says why, and there is no "exit".
      child.once("error", (error) => {
        if (this.#child === child) this.#ended(error.message);
      });
      return;
    }
    child.on("exit", (code, signal) => {
      if (this.#child === child) this.#ended(signal ?? `exit ${code}`);
    });
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding("utf8").on("data", (text: string) => onOutput(stripControls(text)));
    }
    const handed = sockets.map((socket, index) => ({ ...socket, fd: FIRST_HANDED_FD + index }));
    onStart(child.stdio[3] as Socket, handed, () => void child.kill("SIGKILL"));
  }

  /**
   * Waits for the guard to end, which it was asked to, and starts another with these sockets. What
   * comes in between waits in the sockets that both have.
   * @param withinMs how long the guard may take until it is killed.
   * @returns when the first has ended.
   */
  async replace(sockets: readonly OwnedSocket[], withinMs: number): Promise<void> {
    this.#sockets = sockets;
    const child = this.#child;
    // Between a death and the start that follows it there is nobody to end.
    if (child === undefined) return;
    this.#child = undefined;
    this.#leaving = endOf(child, withinMs);
    await this.#leaving;
    if (!this.#isStopping) this.start();
  }

  /** Waits for the guard to end, which it was asked to; kills it when it does not. Not again. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#leaving;
    if (this.#child !== undefined) await endOf(this.#child, STOP_WITHIN_MS);
  }

  #ended(how: string): void {
    if (this.#isStopping) return;
    this.#child = undefined;
    if (performance.now() - this.#startedAtMs >= SETTLED_MS) this.#pauseMs = FIRST_PAUSE_MS;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    this.#options.onDeath(how, pauseMs);
    this.#timer = setTimeout(() => this.start(), pauseMs);
  }
}
