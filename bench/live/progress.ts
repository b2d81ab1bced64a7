/** What whoever has started a long run is told meanwhile, on the standard error. */

/** Goes back to the beginning of a terminal's line and empties it (ECMA-48, CR and EL). */
const EMPTY_LINE = "\r\u001b[K";

/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80;

export class Progress {
  readonly #beganAtMs = performance.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  #isShowing = false;

  /** A line that stays, with the minutes and seconds since the start. */
  say(line: string): void {
    process.stderr.write(`${this.#isShowing ? EMPTY_LINE : ""}${this.#clocked(line)}\n`);
    this.#isShowing = false;
  }

  /** What happens now: a terminal shows it until the next line; elsewhere nothing is written. */
  show(line: string): void {
    if (!this.#isTerminal) return;
    const columns = process.stderr.columns || COLUMNS;
    process.stderr.write(`${EMPTY_LINE}${this.#clocked(line).slice(0, columns - 1)}`);
    this.#isShowing = true;
  }

  #clocked(line: string): string {
    const seconds = Math.round((performance.now() - this.#beganAtMs) / 1000);
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    return `${clock.padStart(6)} ${line}`;
  }
}
