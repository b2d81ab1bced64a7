/**
 * Runs one shell line or one program of the operator's as the broker's user, which is root, and
 * tells how it ended.
 *
 * A line gets a clean environment, "/" as its folder, no input, and a process group of its own,
 * so that all of it can be ended: at the time-out the group is killed outright, because whatever
 * ignores a gentler signal would outlive its bound. What moves itself into another session
 * escapes; what a line leaves in the background after its own end is left alone, and must not
 * write to the line's output, which is closed by then. 1.2 waits for each line in its packet loop
 * and takes any status for success; here nothing waits, and every status is told.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";

/** What is kept of each output, unless more is asked for: its end. Bytes. */
export const MAX_OUTPUT_BYTES = 2048;

/** How long after its end the output of a line may still arrive. Milliseconds. */
const DRAIN_MS = 100;

const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  SHELL: "/bin/sh",
  LANG: "C.UTF-8",
};

/** The ends of what the line has said. */
interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** How a line ended; only `ended` with status 0 is success. */
export type CommandOutcome =
  /** By itself, with the shell's exit status: 127 says that a command was not found. */
  | { readonly status: "ended"; readonly exitStatus: number; readonly output: CommandOutput }
  | { readonly status: "killed"; readonly signal: string; readonly output: CommandOutput }
  | { readonly status: "timed-out"; readonly afterMs: number; readonly output: CommandOutput }
  /** There was no process for it: no memory, too many processes or files, no shell. */
  | { readonly status: "not-started"; readonly reason: string };

/** Runs a line with a time-out of its own; never rejects. */
export type RunCommand = (text: string, maxOutputBytes?: number) => Promise<CommandOutcome>;

/** @param timeoutMs after it everything of the line's process group is killed. At least 1. */
export function runCommand(
  text: string,
  timeoutMs: number,
  maxOutputBytes: number = MAX_OUTPUT_BYTES,
): Promise<CommandOutcome> {
  return attend(() => startProcess("/bin/sh", ["-c", text]), timeoutMs, maxOutputBytes);
}

/** What a program gets besides the environment of all. */
interface ProgramInput {
  /** Of its standard input, which may be left unread. */
  readonly input: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs a program without a shell and without arguments. As {@link runCommand}. */
export function runProgram(
  path: string,
  { input, environment }: ProgramInput,
  timeoutMs: number,
): Promise<CommandOutcome> {
  const start = (): ChildProcess => {
    const child = startProcess(path, [], environment, "pipe");
    // It may end before it has read; how it ended is told by its status.
    child.stdin?.on("error", () => undefined).end(input);
    return child;
  };
  return attend(start, timeoutMs, MAX_OUTPUT_BYTES);
}

/** Waits for a process that `start` starts, or throws because it cannot. */
function attend(
  start: () => ChildProcess,
  timeoutMs: number,
  maxOutputBytes: number,
): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    let isTooLate = false;
    const child = tryToStart(start);
    if (typeof child === "string") {
      resolve({ status: "not-started", reason: child });
      return;
    }
    const stdout = tailOf(child.stdout, maxOutputBytes);
    const stderr = tailOf(child.stderr, maxOutputBytes);
    const timer = setTimeout(() => {
      isTooLate = true;
      // The shell is not reaped before its exit is told, so that the group is still its own.
      if (child.pid !== undefined) killGroup(child.pid);
    }, timeoutMs);
    const finish = (outcome: (output: CommandOutput) => CommandOutcome): void => {
      clearTimeout(timer);
      resolve(outcome({ stdout: stdout(), stderr: stderr() }));
      child.stdin?.destroy();
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    child.once("error", (error) => finish(() => ({ status: "not-started", reason: `${error}` })));
    child.once("exit", (exitStatus, signal) => {
      clearTimeout(timer);
      const end = (output: CommandOutput): CommandOutcome => {
        if (isTooLate) return { status: "timed-out", afterMs: timeoutMs, output };
        if (exitStatus !== null) return { status: "ended", exitStatus, output };
        return { status: "killed", signal: signal ?? "an unknown signal", output };
      };
      // What was left in the background may hold the pipes open for ever.
      const drain = setTimeout(() => finish(end), DRAIN_MS);
      child.once("close", () => {
        clearTimeout(drain);
        finish(end);
      });
    });
  });
}

/**
 * @returns undefined for success, else one line for people: how it ended and its last words, of
 * which nothing but printable ASCII is left.
 */
export function describeFailure(outcome: CommandOutcome): string | undefined {
  switch (outcome.status) {
    case "ended": {
      const { exitStatus, output } = outcome;
      if (exitStatus === 0) return undefined;
      return `exit status ${exitStatus}${meaningOf(exitStatus)}${lastWords(output)}`;
    }
    case "killed":
      return `ended by ${outcome.signal}${lastWords(outcome.output)}`;
    case "timed-out":
      return `did not end within ${outcome.afterMs} ms and was killed${lastWords(outcome.output)}`;
    case "not-started":
      return `could not be started: ${outcome.reason}`;
  }
}

/** @returns why there is no process; a later failure to start is told by the child's "error". */
function tryToStart(start: () => ChildProcess): ChildProcess | string {
  try {
    return start();
  } catch (error) {
    return String(error);
  }
}

function startProcess(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input: "ignore" | "pipe" = "ignore",
): ChildProcess {
  return spawn(program, words, {
    cwd: "/",
    detached: true,
    env: { ...ENVIRONMENT, ...environment },
    stdio: [input, "pipe", "pipe"],
  });
}

/** POSIX, Shell Command Language, 2.8.2; above 128 a shell says which signal ended a command. */
function meaningOf(exitStatus: number): string {
  if (exitStatus === 126) return " (cannot be executed)";
  if (exitStatus === 127) return " (not found)";
  const signals = Object.entries(constants.signals);
  const signal = signals.find(([, number]) => number === exitStatus - 128)?.[0];
  return signal === undefined ? "" : ` (as after ${signal})`;
}

function lastWords({ stdout, stderr }: CommandOutput): string {
  const line = `${stdout}\n${stderr}`.trimEnd().split("\n").at(-1) ?? "";
  const words = line.trim().slice(0, 200);
  return words === "" ? "" : `: ${words.replace(/[^\x20-\x7e]/g, "?")}`;
}

/** Reads to the end, keeping only the last bytes. @returns what has been kept so far. */
function tailOf(stream: Readable | null | undefined, maxBytes: number): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Without free file descriptors there is no pipe, and the child's "error" follows.
  if (!stream) return () => "";
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    while (bytes - (chunks[0]?.length ?? 0) >= maxBytes) bytes -= chunks.shift()?.length ?? 0;
  });
  // A broken pipe here only costs words; how the line ended is told by its status.
  stream.on("error", () => undefined);
  return () => Buffer.concat(chunks).subarray(-maxBytes).toString();
}

function killGroup(leaderPid: number): void {
  try {
    process.kill(-leaderPid, "SIGKILL");
  } catch (error) {
    // It has ended in this moment, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
