/** One thing that is done on this machine to shut a source out, and what became of it. */

/** Which of PortSentry's three responses it is: KILL_HOSTS_DENY, KILL_ROUTE, KILL_RUN_CMD. */
export type DeedKind = "hosts-deny" | "route" | "command";

export interface Deed {
  readonly kind: DeedKind;
  /** The line of hosts.deny, or the command line: expanded, as it is done. */
  readonly text: string;
  /** The command that takes it back, or the line to remove; undefined when it is not known. */
  readonly undo: string | undefined;
  /** When it is to be taken back, by wall time; undefined: not by itself. */
  readonly untilEpochMs?: number | undefined;
}

/** What became of doing or undoing a deed; the log dialects are written from it. */
export interface LegacyResponse {
  readonly name: DeedKind;
  /**
   * `applied`: done, with exit status 0 and, where that can be looked up, with its effect.
   * `already-applied`: it stood (or, for an undo, was gone) before. `skipped`: not tried.
   */
  readonly status: "applied" | "failed" | "skipped" | "already-applied";
  /** The deed's text, or for an undo what was run; the template where it cannot be expanded. */
  readonly text: string;
  /** Why it failed or was skipped, or what else has to be told; one line. */
  readonly reason?: string;
}
