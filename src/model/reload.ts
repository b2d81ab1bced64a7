/** What became of reading the configuration again. */

/**
 * `reloaded`: what differs is in force. `unchanged`: nothing differs. `invalid`: the configuration
 * has faults. `failed`: the machine did not go along. With the last two nothing was changed.
 */
type ReloadStatus = "reloaded" | "unchanged" | "invalid" | "failed";

export interface ReloadOutcome {
  readonly status: ReloadStatus;
  /** Of the configuration that is in force afterwards. */
  readonly configRevision: string;
  /** Keys whose text differs from what was in force; empty unless reloaded. */
  readonly changed: readonly string[];
  /** Why nothing was changed, one sentence each; empty when it was, or when nothing differs. */
  readonly faults: readonly string[];
  /** What is in force otherwise than it looks. */
  readonly warnings: readonly string[];
  /** `replaced`: another guard process goes on with other sockets; it may not be there yet. */
  readonly guard: "kept" | "replaced";
  /**
   * What is remembered of sources that are not convicted. `saved`: the most convincing alone, by the
   * file beside the journal.
   */
  readonly memory: "kept" | "saved" | "anew";
}
