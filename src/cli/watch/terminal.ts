/**
 * The terminal of the live view: another screen, keys one by one, and everything as it was before
 * whatever ends or stops the process.
 */
import { writeSync } from "node:fs";
import { keysIn } from "./keys.ts";
import type { Line, ScreenSize, Style } from "./screen.ts";

/** Lines are not wrapped: a character that is two columns wide must not push the others down. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";

const COLOURS: Readonly<Record<Style, string>> = {
  plain: "",
  title: "\x1b[1;36m",
  head: "\x1b[1m",
  selected: "\x1b[7m",
  alarm: "\x1b[1;31m",
  soft: "\x1b[2m",
};

/** What is no colour is shown with NO_COLOR, too. */
const PLAIN: Readonly<Record<Style, string>> = {
  ...COLOURS,
  title: "\x1b[1m",
  alarm: "\x1b[1m",
};

export interface TerminalParts {
  readonly hasColours: boolean;
  readonly onKey: (key: string) => void;
  /** The size is another, or the terminal was somebody else's for a while. */
  readonly onChange: () => void;
  /** Somebody wants this process to end. */
  readonly onEnd: (signal: "SIGTERM" | "SIGHUP" | "SIGINT") => void;
}

export class Terminal {
  readonly #parts: TerminalParts;
  #isOpen = false;
  #last: readonly string[] = [];

  constructor(parts: TerminalParts) {
    this.#parts = parts;
  }

  get size(): ScreenSize {
    return { columns: process.stdout.columns, rows: process.stdout.rows };
  }

  /** Once. */
  open(): void {
    process.on("exit", this.#restore);
    // Before the error is printed, which would be lost with the other screen.
    process.on("uncaughtExceptionMonitor", this.#restore);
    for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
      process.on(signal, () => this.#parts.onEnd(signal));
    }
    process.on("SIGTSTP", this.#stop);
    process.on("SIGCONT", this.#resume);
    process.stdout.on("resize", this.#redraw);
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (text: string) => {
      for (const key of keysIn(text)) {
        if (key === "\x1a") this.#stop();
        else this.#parts.onKey(key);
      }
    });
    this.#enter();
  }

  close(): void {
    this.#restore();
    process.stdin.pause();
  }

  /** Writes the lines that differ from those of before. */
  show(lines: readonly Line[]): void {
    if (!this.#isOpen) return;
    const styles = this.#parts.hasColours ? COLOURS : PLAIN;
    const texts = lines.map(({ text, style }) => {
      const before = styles[style];
      return before === "" ? text : `${before}${text}\x1b[0m`;
    });
    const changed = texts.flatMap((text, index) =>
      text === this.#last[index] ? [] : [`\x1b[${index + 1};1H${text}\x1b[K`],
    );
    this.#last = texts;
    if (changed.length > 0) process.stdout.write(changed.join(""));
  }

  #enter(): void {
    this.#isOpen = true;
    process.stdin.setRawMode(true);
    process.stdin.resume();
    process.stdout.write(ENTER);
    this.#last = [];
  }

  /** At once: the process may be ending. */
  readonly #restore = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      process.stdin.setRawMode(false);
      writeSync(1, LEAVE);
    } catch {
      // A terminal that is gone has nothing to be put back.
    }
  };

  readonly #stop = (): void => {
    this.#restore();
    process.kill(process.pid, "SIGSTOP");
  };

  readonly #resume = (): void => {
    if (!this.#isOpen) this.#enter();
    this.#parts.onChange();
  };

  readonly #redraw = (): void => {
    this.#last = [];
    process.stdout.write("\x1b[2J");
    this.#parts.onChange();
  };
}
