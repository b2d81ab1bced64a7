/**
 * Times of day in the machine's own time zone: quiet hours, and when the digest is due.
 *
 * They follow the wall: where clocks are set for summer, an hour of that night is missing or comes
 * twice.
 */

/** From the first minute of the day to the other, which is no part of it; may go over midnight. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** @returns minutes since midnight; undefined for what is no "07:00". */
export function parseTimeOfDay(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2]);
}

/** @returns undefined for what is no "22:00-07:00", or has no length. */
export function parseQuietHours(text: string): QuietHours | undefined {
  const [from, to, ...more] = text.split("-").map((each) => parseTimeOfDay(each.trim()));
  if (from === undefined || to === undefined || more.length > 0 || from === to) return undefined;
  return { fromMinute: from, toMinute: to };
}

/** @returns whether it is then within these hours. */
export function isQuiet({ fromMinute, toMinute }: QuietHours, epochMs: number): boolean {
  const minute = minuteOfDay(epochMs);
  if (fromMinute < toMinute) return minute >= fromMinute && minute < toMinute;
  return minute >= fromMinute || minute < toMinute;
}

/** @returns minutes since midnight. */
function minuteOfDay(epochMs: number): number {
  const at = new Date(epochMs);
  return at.getHours() * 60 + at.getMinutes();
}
