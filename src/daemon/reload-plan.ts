/**
 * What another configuration means for a guard that runs: which keys differ, and what has to begin
 * anew for them. Decides only; the reloader carries it out.
 */
import type { Configuration } from "../config/load.ts";
import { KEY_NAMES, type KeyName } from "../config/schema.ts";
import type { ReloadOutcome } from "../model/reload.ts";

/** Keys that cannot change while the guard runs, and why. */
const FIXED_KEYS: ReadonlyMap<KeyName, string> = new Map([
  ["IPV6_PREFIX", "the bans and holds in the kernel are kept by it"],
]);

/**
 * Keys that every process takes over while it runs. One that is in neither list makes the guard
 * process begin anew, which is right for any key and costs what it remembers of sources.
 */
const LIVE_KEY_NAMES = [
  ...["TCP_MODE", "UDP_MODE", "TCP_PORTS", "UDP_PORTS"],
  ...["ADVANCED_PORTS_TCP", "ADVANCED_PORTS_UDP", "ADVANCED_EXCLUDE_TCP", "ADVANCED_EXCLUDE_UDP"],
  ...["INTERFACES", "NFLOG_GROUP", "NFLOG_RATE"],
  ...["HOLD_AFTER", "HOLD_TIME", "GRACE", "ANSWER", "TRAP_PORTS", "CHALLENGE_RATE"],
  ...["PHANTOM", "PHANTOM_ANSWER", "PHANTOM_RATE"],
  ...["STRICT", "SCORE_HALF_LIFE", "SCAN_TRIGGER", "TRIGGER_COUNTS"],
  ...["RECORD_TIME", "CAMPAIGN_QUIET", "MAX_SOURCES"],
  ...["BLOCK_TCP", "BLOCK_UDP", "REPEAT_WITHIN", "CLAIMED_BANS"],
  ...["PROOF", "BAN_TIME_CLAIMED", "BAN_TIME_ALIVE", "BAN_TIME_PROVEN"],
  ...["KILL_HOSTS_DENY", "KILL_ROUTE", "KILL_RUN_CMD", "KILL_RUN_CMD_FIRST"],
  ...["UNKILL_ROUTE", "UNKILL_RUN_CMD", "HOOK_TIMEOUT", "BLOCKED_FILE"],
  ...["SENSE_ACK", "SENSE_LOOPBACK", "SENSE_SERVED", "SENSE_OTHER", "OTHER_EXCLUDE"],
  ...["IGNORE_FILE", "BLOCKLIST_FILES", "ON_STOP", "HISTORY_FILE", "BLOCK_LOG"],
  ...["LOG_FORMAT", "LOG_DIALECT", "RESOLVE_HOST"],
  ...["JOURNAL_AGE", "JOURNAL_SIZE"],
  ...["API_LISTEN", "API_TOKEN_FILE", "API_READ_TOKEN_FILE", "API_HOSTS", "GEO_DB"],
  ...["ALERT_ON", "ALERT_WEBHOOK", "ALERT_WEBHOOK_TEMPLATE", "ALERT_WEBHOOK_HEADERS"],
  ...["ALERT_MAIL_TO", "ALERT_MAIL_FROM", "ALERT_SMTP", "ALERT_SMTP_PASSWORD_FILE"],
  ...["ALERT_COMMAND", "ALERT_DIGEST", "ALERT_QUIET", "ALERT_LIMIT"],
] as const satisfies readonly KeyName[];

const LIVE_KEYS: ReadonlySet<KeyName> = new Set(LIVE_KEY_NAMES);

export type ReloadPlan =
  | { readonly status: "unchanged" }
  /** One sentence a key that cannot change while the guard runs. */
  | { readonly status: "refused"; readonly faults: readonly string[] }
  | {
      readonly status: "change";
      readonly changed: readonly KeyName[];
      /** The guard process has to be another one, whatever its sockets. */
      readonly needsNewGuard: boolean;
      /** The detector goes on with what it remembers, unless the guard process is another one. */
      readonly keepsMemory: boolean;
    };

/** The sockets that the guard needs are no part of this: whether they can be had is asked later. */
export function planReload(before: Configuration, after: Configuration): ReloadPlan {
  const changed = KEY_NAMES.filter((key) => isOther(key, before, after));
  if (changed.length === 0) return { status: "unchanged" };
  const faults = changed.flatMap((key) => {
    const why = FIXED_KEYS.get(key);
    if (why === undefined) return [];
    const place = after.sources[key];
    return [`${place}: ${key}: it cannot change while the guard runs (${why}): restart the guard`];
  });
  if (faults.length > 0) return { status: "refused", faults };
  return {
    status: "change",
    changed,
    needsNewGuard: changed.some((key) => !LIVE_KEYS.has(key)),
    keepsMemory: !changed.includes("MAX_SOURCES"),
  };
}

/** Whether somebody has named the ignore file decides if its absence is a fault. */
function isOther(key: KeyName, before: Configuration, after: Configuration): boolean {
  if (before.texts[key] !== after.texts[key]) return true;
  return key === "IGNORE_FILE" && isDefault(before, key) !== isDefault(after, key);
}

function isDefault({ sources }: Configuration, key: KeyName): boolean {
  return sources[key].startsWith("default");
}

/** What of the memory is lost, after the words that tell the change. */
export const LOST_WORDS = {
  kept: "",
  saved: "; of what was remembered of sources the most convincing goes on",
  anew: "; what was remembered of sources begins anew",
} as const satisfies Record<ReloadOutcome["memory"], string>;

/** The sequential detector saves at its end what another one of its kind restores. */
export function memoryAfter(
  { keepsMemory, changed }: Extract<ReloadPlan, { status: "change" }>,
  isReplaced: boolean,
  { values }: Configuration,
): ReloadOutcome["memory"] {
  if (!isReplaced) return keepsMemory ? "kept" : "anew";
  const isSaved = values.DETECTOR === "sequential" && !changed.includes("DETECTOR");
  return isSaved ? "saved" : "anew";
}
