/** Times as people read them: local, to the minute, and how far away. */

/** "2026-11-22 14:03" in `timeZone`; undefined: the machine's own. */
export function formatLocalTime(epochMs: number, timeZone: string | undefined): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", {
    dateStyle: "short",
    timeStyle: "short",
    timeZone,
  }).format(epochMs);
}

/** "2026-11-22 14:03:07", as {@link formatLocalTime}; "-" for what no calendar has. */
export function formatLocalSeconds(epochMs: number, timeZone: string | undefined): string {
  if (Number.isNaN(new Date(epochMs).getTime())) return "-";
  return new Intl.DateTimeFormat("sv-SE", {
    dateStyle: "short",
    timeStyle: "medium",
    timeZone,
  }).format(epochMs);
}

/** "in 59 min"; whole units, rounded down. `seconds` below 0 count as 0. */
export function formatAhead(seconds: number): string {
  return `in ${formatSpan(seconds)}`;
}

/** "59 min ago"; whole units, rounded down. `seconds` below 0 count as 0. */
export function formatAgo(seconds: number): string {
  return `${formatSpan(seconds)} ago`;
}

/** Hours up to two days, because "1 day" hides up to half of what is left. */
function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 2 * 86_400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} days`;
}
