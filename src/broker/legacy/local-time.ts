/**
 * Local times in the two forms that PortSentry's files have.
 *
 * Neither form is safe to sort or to compare: 1.2's has no zone, and both jump when summer time
 * begins and ends. Whoever reads one back takes the seconds since 1970 that stand before it.
 */

/** "11/22/2026 13:43:19", as in 1.2's history. `offsetMinutes`: east of UTC, the machine's own. */
export function formatSlashTime(epochMs: number, offsetMinutes = ownOffset(epochMs)): string {
  const [date = "", time = ""] = shifted(epochMs, offsetMinutes).split("T");
  const [year, month, day] = date.split("-");
  return `${month}/${day}/${year} ${time.slice(0, 8)}`;
}

/** "2026-11-22T13:51:15.814+0000", as in 2.x's history. `offsetMinutes`: as above. */
export function formatOffsetTime(epochMs: number, offsetMinutes = ownOffset(epochMs)): string {
  const distance = Math.abs(offsetMinutes);
  const hours = String(Math.floor(distance / 60)).padStart(2, "0");
  const minutes = String(distance % 60).padStart(2, "0");
  const sign = offsetMinutes < 0 ? "-" : "+";
  return `${shifted(epochMs, offsetMinutes).slice(0, -1)}${sign}${hours}${minutes}`;
}

/** Minutes east of UTC at that moment; Date counts them westward. */
function ownOffset(epochMs: number): number {
  return -new Date(epochMs).getTimezoneOffset();
}

/** The local time's digits, in the form of a UTC time. */
function shifted(epochMs: number, offsetMinutes: number): string {
  return new Date(epochMs + offsetMinutes * 60_000).toISOString();
}
