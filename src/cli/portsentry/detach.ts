/**
 * Goes on without a terminal: the command line is started again as a daemon, and whoever has called
 * waits for what becomes of it.
 *
 * Never success for what fails later: the caller gets 0 only when the daemon has said on a pipe
 * that it is ready, and otherwise its exit status, after everything that it had to say. What the
 * daemon writes to its standard error until then is passed on; then it lets go of it, so that
 * nobody waits for its end who reads from us.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { OperationalError } from "../../errors.ts";

/** Tells the daemon that it is one. */
const DETACHED_VARIABLE = "VEDETTE_DETACHED";

/** Descriptor on which the daemon says that it is ready. */
const REPORT_FD = 3;

const STDERR_FD = 2;

/** How long (ms) the caller waits. A start takes about a second, more where names are resolved. */
const READY_WITHIN_MS = 60_000;

/**
 * Each file is made with the bits that its reader needs, the history with the least; the caller's
 * umask must not take them away. Nothing is ever writable for others.
 */
const UMASK = 0o022;

/** @returns whether this process is the daemon that {@link detach} has started. */
export function isDetached(env: Readonly<Record<string, string | undefined>>): boolean {
  return env[DETACHED_VARIABLE] === "1";
}

/**
 * Starts this very command line as a daemon in a session of its own.
 * @returns 0 once it is ready, else its exit status.
 * @throws {OperationalError} ERR_UNAVAILABLE when it cannot be started, or is not ready in time;
 *   then it was ended.
 */
export async function detach(
  writeError: (text: string) => void,
  readyWithinMs: number = READY_WITHIN_MS,
): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    env: { ...process.env, [DETACHED_VARIABLE]: "1" },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (cause) => {
      const message = `it cannot be started without a terminal: ${cause.message}`;
      reject(new OperationalError("ERR_UNAVAILABLE", message, { cause }));
    });
    // After everything that it has written was read.
    child.once("close", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  child.stderr?.setEncoding("utf8").on("data", writeError);
  const isReady = readsReady(child.stdio[REPORT_FD] as Readable);
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), readyWithinMs);
  });
  const outcome = await Promise.race([isReady, ended, isLate]);
  clearTimeout(timer);
  if (outcome === "late") {
    child.kill("SIGTERM");
    const message = `it was not ready within ${readyWithinMs / 1000} s and was ended; see its log`;
    throw new OperationalError("ERR_UNAVAILABLE", message);
  }
  if (outcome === true) {
    child.unref();
    return 0;
  }
  const status = outcome === false ? await ended : outcome;
  // Ended in peace, but by somebody else before it was ready: that is no success of ours.
  if (status === 0) throw new OperationalError("ERR_UNAVAILABLE", "it ended before it was ready");
  return status;
}

/** @returns false when the pipe is closed without the word. */
async function readsReady(report: Readable): Promise<boolean> {
  let text = "";
  for await (const chunk of report) {
    text += String(chunk);
    if (text.startsWith("ready\n")) return true;
  }
  return false;
}

/** Makes a daemon of this process, which {@link detach} has started. Called once. */
export function becomeDaemon(title: string): void {
  process.chdir("/");
  process.umask(UMASK);
  process.title = title;
}

/** Tells the caller that the daemon is ready, and lets go of what it has inherited. Called once. */
export function reportReady(): void {
  // Closed first: who has read the word need not wait for more.
  closeSync(STDERR_FD);
  // The lowest free number is the one that was closed: a later line goes nowhere, and not into
  // whatever is opened next.
  openSync("/dev/null", "w");
  try {
    writeSync(REPORT_FD, "ready\n");
  } catch (error) {
    // The caller has gone; the daemon is what he wanted.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
  closeSync(REPORT_FD);
}
