/**
 * The guard under test: the same command that a person starts, in the private network, with a
 * configuration, a journal and a socket of its own.
 *
 * It logs JSON lines, which are what a self-test waits for. At most {@link MAX_LINES} are kept.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { PrivateMachine } from "../private-network/private-machine.ts";

const MAX_LINES = 2000;

/** File in the folder with all that the guard has said. */
export const GUARD_LOG = "guard.log";

const eventSchema = z.looseObject({ event: z.string(), text: z.string() });

/** One line of LOG_FORMAT="json"; every other field by its name. */
export type GuardEvent = z.output<typeof eventSchema>;

export class TestedGuard {
  readonly #machine: PrivateMachine;
  readonly #folder: string;
  readonly #overrides: Readonly<Record<string, string>>;
  readonly #lines: string[] = [];
  readonly #events: GuardEvent[] = [];
  #ended: string | undefined;
  #pid: number | undefined;
  #isClosed = false;

  /**
   * @param folder holds vedette.conf; the guard's directories are made in it.
   * @param overrides keys that go before it.
   */
  constructor(
    machine: PrivateMachine,
    folder: string,
    overrides: Readonly<Record<string, string>>,
  ) {
    this.#machine = machine;
    this.#folder = folder;
    this.#overrides = overrides;
    machine.listen({
      onLine: (text) => this.#take(text),
      onEnd: (how) => {
        this.#ended ??= how;
      },
    });
  }

  /** How it has ended; undefined while it runs, and before it was started. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** What it said last, or how it ended: for a step that waits in vain. */
  get lastWords(): string {
    const last = this.#events.at(-1)?.text ?? this.#lines.at(-1) ?? "nothing";
    const ended = this.#ended === undefined ? "" : ` and ended (${this.#ended})`;
    return `the guard last said: ${last}${ended}`;
  }

  async start(): Promise<void> {
    // What a self-test reads, whatever was set.
    const keys = { ...this.#overrides, LOG_FORMAT: "json" };
    const sets = Object.entries(keys).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    const path = join(this.#folder, "vedette.conf");
    const args = vedette("guard", "-c", path, "--on-stop", "remove", ...sets, ...this.#places());
    this.#pid = await this.#machine.ask("start", { command: process.execPath, args });
  }

  /** The first event of that name that fits. */
  event(name: string, fits: (event: GuardEvent) => boolean = () => true): GuardEvent | undefined {
    return this.#events.find((event) => event.event === name && fits(event));
  }

  /** Problems that it has raised, whether they are over or not. */
  problems(): { readonly code: string; readonly text: string }[] {
    const raised = this.#events.filter(
      (event) => event.event === "health" && event["change"] === "raised",
    );
    return raised.map((event) => ({ code: String(event["code"]), text: event.text }));
  }

  /** Runs one of the commands against this guard. */
  command(...words: readonly string[]) {
    const args = [...vedette(...words), ...this.#places()];
    return this.#machine.ask("run", { command: process.execPath, args, timeoutMs: 10_000 });
  }

  /** Asks it to stop, as a service manager does. */
  stop(): void {
    if (this.#pid !== undefined && this.#pid > 0 && this.#ended === undefined) {
      process.kill(this.#pid, "SIGTERM");
    }
  }

  /** Lines that arrive later are dropped: the folder may be gone. Ends nothing. */
  close(): void {
    this.#isClosed = true;
  }

  #places(): string[] {
    return ["--run", join(this.#folder, "run"), "--state", join(this.#folder, "state")];
  }

  #take(text: string): void {
    if (this.#isClosed) return;
    appendFileSync(join(this.#folder, GUARD_LOG), `${text}\n`);
    if (this.#lines.length >= MAX_LINES) return;
    this.#lines.push(text);
    const event = parseEvent(text);
    if (event !== undefined) this.#events.push(event);
  }
}

/** Node's words for a command line of ours. */
function vedette(...words: readonly string[]): string[] {
  const file = import.meta.url.endsWith(".ts") ? "../../cli/main.ts" : "../../cli/main.js";
  return [fileURLToPath(new URL(file, import.meta.url)), ...words];
}

/** @returns undefined for a line that is no event, such as a warning on the standard error. */
function parseEvent(text: string): GuardEvent | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return eventSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
