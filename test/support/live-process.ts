/**
 * One child process of a live test: its output as text and as lines, its end, and its killing by
 * id.
 *
 * Output is kept whole, which is bounded by the test that makes it. A process that ignores SIGTERM
 * is killed after {@link STOP_MS}.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

/**
 * How long output may still come after a process's end, from children that it left. Milliseconds.
 */
const LAST_OUTPUT_MS = 500;

/** How long a process may take to end by itself after SIGTERM. Milliseconds. */
const STOP_MS = 20_000;

export interface SpawnOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  /** Exit status, or 128 + signal number as a shell counts it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class LiveProcess {
  readonly pid: number;
  /**
   * Resolves when the process has ended and its output is complete, or as good as: what its
   * children write {@link LAST_OUTPUT_MS} later is lost. Never rejects.
   */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  #isOver = false;
  /** Those who wait for a change. */
  readonly #waiting: (() => void)[] = [];

  /** @throws {Error} when the command cannot be started at all. */
  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
    });
    const { pid, stdin, stdout, stderr } = this.#child;
    if (pid === undefined) throw new Error(`${command} cannot be started`);
    this.pid = pid;
    stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#change();
    });
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#change();
    });
    // A child that ends before it has read its input is its own affair; its status tells.
    stdin?.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#isOver = true;
        this.#change();
        const status = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
        resolve({ status, stdout: this.#stdout, stderr: this.#stderr });
      };
      this.#child.on("close", finish);
      // A session that sshd forked keeps the pipes open for as long as it lives.
      this.#child.on("exit", (code, signal) => {
        setTimeout(() => finish(code, signal), LAST_OUTPUT_MS).unref();
      });
    });
  }

  /** What the process has written to both outputs so far. */
  get output(): string {
    return this.#stdout + this.#stderr;
  }

  /** Finished lines of the standard output so far. */
  get lines(): string[] {
    return this.#stdout.split("\n").slice(0, -1);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves at its next output, or its end. */
  async changed(): Promise<void> {
    if (this.#isOver) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }

  #change(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Writes to the standard input. */
  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Closes the standard input. */
  end(): void {
    this.#child.stdin?.end();
  }

  /** Sends a signal to this one process; one that has ended is left alone. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#isOver) this.#child.kill(signal);
  }

  /** SIGTERM, then SIGKILL after {@link STOP_MS}; may be called on one that has ended. */
  async stop(): Promise<Ended> {
    this.signal("SIGTERM");
    const givenUp = new AbortController();
    const patience = pause(STOP_MS, undefined, { signal: givenUp.signal }).then(
      () => this.signal("SIGKILL"),
      // The process ended in time and the wait was called off.
      () => undefined,
    );
    const ended = await this.ended;
    givenUp.abort();
    await patience;
    return ended;
  }
}
