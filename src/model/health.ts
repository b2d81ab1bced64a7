/**
 * Named problems for people: what is wrong, how bad it is, and what to do.
 *
 * One list feeds `status`, the API and the log. A code is never renamed.
 */
export type HealthCode =
  | "no-guard"
  | "no-root"
  | "no-interface"
  | "reload-failed"
  | "config-writable"
  | "trust-everybody"
  | "no-nftables"
  | "no-listeners"
  | "no-raw-sockets"
  | "answers-refused"
  | "machine-suspended"
  | "clock-set"
  | "table-restored"
  | "table-failed"
  | "hold-set-full"
  | "probes-lost"
  | "probes-unlogged"
  | "journal-failed"
  | "journal-set-aside"
  | "bans-adopted"
  | "stories-left-out"
  | "sources-unsaved"
  | "state-unwritable"
  | "history-failed"
  | "trust-unreadable"
  | "served-unknown"
  | "sessions-unknown"
  | "neighbour"
  | "ban-failed"
  | "hook-failed"
  | "undo-unknown"
  | "deeds-unreadable"
  | "blocked-file-failed"
  | "blocked-file-unread"
  | "ban-budget"
  | "blocklist-unread"
  | "blocklist-lines"
  | "blocklist-failed"
  | "block-log-failed"
  | "guard-restarted"
  | "shared-user"
  | "api-token-refused"
  | "api-listen-failed"
  | "geo-unusable"
  | "alert-file-refused"
  | "alert-webhook-failed"
  | "alert-mail-failed"
  | "alert-command-failed"
  | "api-socket-lost";

/**
 * `notice`: nothing is lost. `warning`: something is less than asked for. `error`: not guarding.
 */
export type Severity = "notice" | "warning" | "error";

export interface HealthProblem {
  readonly code: HealthCode;
  readonly severity: Severity;
  /** What is wrong, in one sentence. */
  readonly text: string;
  /** What to do about it, in one sentence; a command where there is one. */
  readonly action: string;
  readonly sinceEpochMs: number;
}

/** A problem that has begun, is better or worse than it was (`raised`), or is over. */
export interface HealthChange {
  /** When it is over: as it was told last. */
  readonly problem: HealthProblem;
  readonly change: "raised" | "cleared";
}
