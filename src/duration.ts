/**
 * Durations as people write them, "10s" or "7d": a whole number and a unit.
 *
 * There is no bare number, because nobody agrees on its unit, and no month or year, because nobody
 * agrees on their length. A day is 24 hours, whatever the clocks on the wall do.
 */
const UNIT_MS = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
} as const;

/** Nine digits of weeks are still an exact integer in ms. */
const DURATION_TEXT = /^(\d{1,9})([smhdw])$/;

/**
 * @returns milliseconds; undefined when `text` is no number with one of the units s, m, h, d, w.
 */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION_TEXT.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/**
 * The same length in the widest unit that shows it exactly, but days rather than weeks, as the
 * configuration writes them: 5400000 is "90m". Part seconds are cut off.
 */
export function formatDuration(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  if (seconds === 0) return "0s";
  const unit = (["d", "h", "m"] as const).find((name) => (seconds * 1000) % UNIT_MS[name] === 0);
  return unit === undefined ? `${seconds}s` : `${(seconds * 1000) / UNIT_MS[unit]}${unit}`;
}
