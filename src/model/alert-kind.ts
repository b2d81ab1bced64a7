/** What an alert may be of. */
export const ALERT_KINDS = [
  "opened",
  "convicted",
  "closed",
  "health",
  /** Of several that were not told one by one. */
  "summary",
  /** Of a day. */
  "digest",
] as const;

export type AlertKind = (typeof ALERT_KINDS)[number];
