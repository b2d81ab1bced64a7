/**
 * What the broker's process tells systemd, made from what goes on in it.
 *
 * Progress is an answered question of the guard's, of which it has one every second, and one for
 * every ten thousand bans that it looks through or brings back at start: its event loop turns, the
 * broker answers, and the kernel has told its counters. A guard that is stuck makes none, nor does
 * one that dies again and again before it is ready and comes no farther than the one before; the
 * watchdog ends both halves.
 */

import { counted } from "../counted.ts";
import type { HealthProblem } from "../model/health.ts";
import type { ServiceManager } from "./service-manager.ts";

export interface ServiceReportParts {
  readonly manager: ServiceManager;
  readonly problems: () => readonly HealthProblem[];
  /** Why nothing may be held or banned; undefined when it may. */
  readonly watchOnly: string | undefined;
}

export class ServiceReport {
  readonly #parts: ServiceReportParts;
  /** A guard has restored its bans. */
  #hasGuard = false;
  #wasReady = false;
  /** Questions of a guard that restores, and the most of one since the last was ready. */
  #steps = 0;
  #mostSteps = 0;
  /** Reloads under way. */
  #reloads = 0;
  #isStopping = false;

  constructor(parts: ServiceReportParts) {
    this.#parts = parts;
  }

  /** A guard has restored its bans; it is ready with its first question after that. */
  guardIsReady(): void {
    this.#hasGuard = true;
    this.#mostSteps = 0;
  }

  /** A guard has ended unasked. */
  guardIsLost(): void {
    this.#hasGuard = false;
    this.#steps = 0;
    if (this.#isStopping) return;
    this.#parts.manager.status("The guard process is started again; bans and holds stand.");
  }

  /** The guard has asked something that it asks all the time, and has its answer. */
  progressed(): void {
    if (this.#isStopping) return;
    const { manager } = this.#parts;
    if (!this.#hasGuard) {
      this.#restores();
      return;
    }
    if (!this.#wasReady) {
      this.#wasReady = true;
      manager.ready(this.#sentence());
    } else if (this.#reloads === 0) manager.status(this.#sentence());
    manager.beat();
  }

  /** A guard that is not ready has brought back some more. */
  #restores(): void {
    this.#steps += 1;
    if (this.#steps <= this.#mostSteps) return;
    this.#mostSteps = this.#steps;
    const { manager } = this.#parts;
    if (this.#wasReady) manager.beat();
    else manager.starting("Bringing back the bans of earlier runs.");
  }

  /** The configuration is read again, and in force or refused when `inForce` is fulfilled. */
  reloading(inForce: Promise<unknown>): void {
    this.#reloads += 1;
    this.#parts.manager.reloading();
    const end = (): void => {
      this.#reloads -= 1;
      const isOver = this.#reloads === 0 && this.#wasReady && !this.#isStopping;
      if (isOver) this.#parts.manager.ready(this.#sentence());
    };
    // A bug is reported where the reload was asked for.
    void inForce.then(end, end);
  }

  stopping(): void {
    this.#isStopping = true;
    this.#parts.manager.stopping();
  }

  #sentence(): string {
    return serviceSentence(this.#parts.problems(), this.#parts.watchOnly);
  }
}

/** How it goes, for `systemctl status`. */
export function serviceSentence(
  problems: readonly HealthProblem[],
  watchOnly: string | undefined,
): string {
  const error = problems.find(({ severity }) => severity === "error");
  if (error !== undefined) return `Not guarding as it should: ${error.text}`;
  const doing = watchOnly === undefined ? "Guarding" : `Only watching (${watchOnly})`;
  const count = problems.filter(({ severity }) => severity !== "notice").length;
  return count === 0 ? `${doing}.` : `${doing}; ${counted(count, "problem")}, see vedette status.`;
}
