/**
 * PortSentry's lines, of version 1.2 or 2.x, for those who read its logs.
 *
 * Of what PortSentry has no words for, they tell in ours what somebody must act on, what people did
 * by command, and at the start what is done to scanners; the rest of it is for a verbose guard.
 * What senders can cause is rationed by {@link ScanStory}.
 */
import type { LegacyResponse } from "../../broker/executors/deed.ts";
import type { Level, Logger, Verbosity } from "../../logger.ts";
import type { Ban } from "../../model/ban.ts";
import type { HealthProblem } from "../../model/health.ts";
import type { Order, Outcome } from "../../model/order.ts";
import type { Probe } from "../../model/probe.ts";
import type { Decoy, Verdict } from "../../model/verdict.ts";
import { formatPrefix, type Prefix } from "../../net/prefix.ts";
import { type AnnouncementFacts, announceBriefly } from "../announcement.ts";
import { formatExoneration } from "../emitter-lines.ts";
import type { Events, Spared } from "../events.ts";
import type { Dialect, DialectEvent } from "./dialect.ts";
import type { ScanStory } from "./scan-story.ts";
import { startEvents } from "./start-events.ts";

/** The least urgent level that is told. */
const TOLD_LEVELS: Readonly<Record<Verbosity, readonly Level[]>> = {
  normal: ["error", "warning", "notice"],
  verbose: ["error", "warning", "notice", "info"],
  debug: ["error", "warning", "notice", "info", "debug"],
};

export interface DialectEventsParts {
  readonly dialect: Dialect;
  readonly logger: Logger;
  readonly verbosity: Verbosity;
  /** Left out in the privileged process, which sees no probe. */
  readonly story?: ScanStory;
  /** How long the kernel keeps this ban, in words; undefined: it is not the kernel's. */
  readonly spanOf: (ban: Ban) => string | undefined;
}

export class DialectEvents implements Events {
  readonly #parts: DialectEventsParts;

  constructor(parts: DialectEventsParts) {
    this.#parts = parts;
  }

  /**
   * Writes the lines of one event, for the story, too. @param name its stable name, for machines.
   */
  tell(event: DialectEvent, name: string = event.event): void {
    // Told here, because a dialect may give all its lines one level.
    if (event.event === "note" && !this.#isTold(event.level)) return;
    for (const { level, text } of this.#parts.dialect.format(event)) {
      if (this.#isTold(level)) this.#parts.logger.log(level, name, text);
    }
  }

  starting(): void {
    this.tell({ event: "starting" });
  }

  started(facts: AnnouncementFacts): void {
    for (const event of startEvents(facts)) this.tell(event);
    for (const text of announceBriefly(facts)) this.note("notice", "start", text);
  }

  startFailed(reason: string): void {
    this.note("error", "start-failed", reason);
    this.tell({ event: "start-failed" });
  }

  ready(): void {
    this.tell({ event: "ready" });
  }

  stopping(): void {
    this.tell({ event: "stopping" });
  }

  stopped(left: string): void {
    this.note("info", "stopped", `stopped: ${left}`);
  }

  fileFailed(file: "blocked" | "history", path: string): void {
    this.tell({ event: "file-failed", file, path });
  }

  probe(probe: Probe, hasConvicted: boolean): void {
    this.#parts.story?.probe(probe, hasConvicted);
  }

  verdict(verdict: Verdict): void {
    this.#parts.story?.verdict(verdict);
  }

  /** PortSentry knows no evidence, and its readers count its lines. */
  evidence(): void {}

  raised(): void {}

  spared(verdict: Verdict, spared: Spared): void {
    this.#parts.story?.spared(verdict, spared);
  }

  /** PortSentry knows no campaigns, and no groups of them. */
  campaign(): void {}

  group(): void {}

  outcome(order: Order, outcome: Outcome, responses: readonly LegacyResponse[]): void {
    if (order.act === "unban") {
      this.#tellUnban(order.prefix, outcome, responses);
      return;
    }
    const span = outcome.status === "applied" ? this.#parts.spanOf(order.ban) : undefined;
    if (order.ban.origin === "operator") this.#tellCommand(order, outcome, responses, span);
    else if (order.raisedFrom === undefined)
      this.#parts.story?.outcome(order, outcome, responses, span);
  }

  exonerated(source: Prefix, decoy: Decoy): void {
    this.note("notice", "decoy", formatExoneration(source, decoy));
  }

  trust(prefix: Prefix): void {
    this.note("notice", "trust", `trusted from now on, by command: ${formatPrefix(prefix)}`);
  }

  async settled(): Promise<void> {
    await this.#parts.story?.settled();
  }

  health({ severity, text, action }: HealthProblem, change: "raised" | "cleared"): void {
    // What is over is as good to know as it was to know that it began.
    const level = severity === "notice" ? "info" : change === "raised" ? severity : "notice";
    this.note(level, "health", change === "raised" ? `${text} ${action}` : `over: ${text}`);
  }

  note(level: Level, event: string, text: string): void {
    this.tell({ event: "note", level, text }, event);
  }

  flush(): void {
    this.#parts.story?.flush();
  }

  #isTold(level: Level): boolean {
    return TOLD_LEVELS[this.#parts.verbosity].includes(level);
  }

  /** A person asked for it, and has the answer; the log says that it was done. */
  #tellCommand(
    order: Extract<Order, { act: "ban" }>,
    outcome: Outcome,
    responses: readonly LegacyResponse[],
    span: string | undefined,
  ): void {
    const target = order.ban.prefix;
    for (const response of responses) this.tell({ event: "response", target, response });
    if (span !== undefined) this.tell({ event: "banned", target, span: `${span}, by command` });
    if ("reason" in outcome) this.tell({ event: "not-banned", target, reason: outcome.reason });
  }

  #tellUnban(target: Prefix, outcome: Outcome, responses: readonly LegacyResponse[]): void {
    for (const response of responses) {
      if (response.status === "failed") this.tell({ event: "not-undone", target, response });
    }
    if (outcome.status === "applied") this.tell({ event: "unbanned", target });
    if (outcome.status !== "failed") return;
    this.note("warning", "failed", `unban of ${formatPrefix(target)} failed: ${outcome.reason}`);
  }
}
