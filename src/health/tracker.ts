/**
 * What is wrong right now, one entry a code: raised, kept with its first time, and cleared; what is
 * over as soon as it has happened is shown for a while and clears itself.
 *
 * Bounded by the number of codes.
 */
import type { HealthCode, HealthProblem, Severity } from "../model/health.ts";

export class HealthTracker {
  readonly #problems = new Map<HealthCode, HealthProblem>();
  readonly #endings = new Map<HealthCode, NodeJS.Timeout>();
  readonly #epochMs: () => number;
  readonly #onChange: (problem: HealthProblem, change: "raised" | "cleared") => void;

  /**
   * @param onChange called when a problem begins, when it gets better or worse, and when it ends;
   *   not when it goes on.
   */
  constructor(
    epochMs: () => number,
    onChange: (problem: HealthProblem, change: "raised" | "cleared") => void = () => {},
  ) {
    this.#epochMs = epochMs;
    this.#onChange = onChange;
  }

  /** Says that a problem stands; one that stood already keeps its time and takes the new text. */
  raise(code: HealthCode, severity: Severity, text: string, action: string): void {
    clearTimeout(this.#endings.get(code));
    const known = this.#problems.get(code);
    const sinceEpochMs = known?.sinceEpochMs ?? this.#epochMs();
    const problem: HealthProblem = { code, severity, text, action, sinceEpochMs };
    this.#problems.set(code, problem);
    if (known?.severity !== severity) this.#onChange(problem, "raised");
  }

  /**
   * Says that something has happened: a problem for `shownMs` from now on, however often it was
   * raised before. Ends no process later.
   */
  raiseFor(
    shownMs: number,
    code: HealthCode,
    severity: Severity,
    text: string,
    action: string,
  ): void {
    this.raise(code, severity, text, action);
    this.#endings.set(code, setTimeout(() => this.clear(code), shownMs).unref());
  }

  /** Says that a problem is over; nothing happens when there was none. */
  clear(code: HealthCode): void {
    const known = this.#problems.get(code);
    if (known === undefined) return;
    clearTimeout(this.#endings.get(code));
    this.#problems.delete(code);
    this.#onChange(known, "cleared");
  }

  /** All problems, the oldest first. */
  list(): HealthProblem[] {
    return [...this.#problems.values()];
  }
}
