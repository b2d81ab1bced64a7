/**
 * Tells whether what a command was to do stands, for the commands whose effect can be looked up.
 *
 * A status of 0 says that a program was content; this says what the kernel has. It is asked before
 * a command (what stands needs no doing, and a second rule would need a second undo), after it, and
 * after its undo. "unknown" is no answer: then the exit status is all that there is.
 */
import { formatPrefix, type Prefix, parsePrefix } from "../../net/prefix.ts";
import type { RunCommand } from "./command-runner.ts";
import type { ShapeCheck } from "./command-shape.ts";
import { shapesOf } from "./inverse-command.ts";
import { hasRoute, type RouteTables } from "./route-check.ts";

/** `all` and `none`: of the effects of one line; `some`: a part of them stands. */
export type Presence = "all" | "some" | "none" | "unknown";

export class PresenceCheck {
  readonly #run: RunCommand;
  readonly #readRoutes: () => Promise<RouteTables>;

  constructor(run: RunCommand, readRoutes: () => Promise<RouteTables>) {
    this.#run = run;
    this.#readRoutes = readRoutes;
  }

  /**
   * Looks for the effects that an expanded line has for `target`, as far as they are known. Never
   * rejects.
   */
  async of(line: string, target: Prefix): Promise<Presence> {
    const shapes = shapesOf(line, formatPrefix(target));
    if (shapes === undefined) return "unknown";
    const found: boolean[] = [];
    for (const { check } of shapes) {
      const stands = check === undefined ? undefined : await this.#stands(check);
      if (stands === undefined) return "unknown";
      found.push(stands);
    }
    if (found.every((stands) => stands)) return "all";
    return found.includes(true) ? "some" : "none";
  }

  /** @returns undefined when it cannot be known. */
  async #stands(check: ShapeCheck): Promise<boolean | undefined> {
    if (check.kind === "command") {
      const outcome = await this.#run(check.text);
      if (outcome.status !== "ended" || outcome.exitStatus > 1) return undefined;
      return outcome.exitStatus === 0;
    }
    const destination = parsePrefix(check.destination);
    if (destination === undefined) return undefined;
    try {
      return hasRoute(await this.#readRoutes(), destination, check.target);
    } catch {
      // A table that cannot be read is no answer; the caller goes by the exit status.
      return undefined;
    }
  }
}
