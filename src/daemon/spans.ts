/** Spans of time in words, for people; src/duration.ts has the notation of the configuration. */

const UNITS = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "min", ms: 60_000 },
  { name: "s", ms: 1000 },
] as const;

/** "1 h", "1 h 30 min", "7 d": at most two units, rounded to the smaller one; "0 s" for less. */
export function formatSpan(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  const first = UNITS.findIndex(({ ms }) => seconds * 1000 >= ms);
  if (first === -1) return "0 s";
  const parts: string[] = [];
  let restMs = seconds * 1000;
  for (const { name, ms } of UNITS.slice(first, first + 2)) {
    const count = Math.floor(restMs / ms);
    restMs -= count * ms;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}
