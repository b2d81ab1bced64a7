/** The times of a capture, which may be any number, as a report writes them. */

/** To the millisecond; a time that no calendar has, which a capture may claim, is its number. */
export function isoTime(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? `${epochMs}` : date.toISOString();
}
