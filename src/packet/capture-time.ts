/**
 * Times of captured packets as milliseconds since the epoch, with fractions.
 *
 * A double holds today's milliseconds in steps of 2^-12, so a time is true to a quarter of a
 * microsecond: microseconds stay apart, nanoseconds are rounded. The steps up to the last one are
 * exact, so that one instant has one number in every format of the same resolution.
 */

/** Above this the remainder of a division has no room in a double, and is not needed. */
const MAX_EXACT_TICKS_PER_SECOND = 2 ** 37;

/** Milliseconds of whole seconds and a count of ticks beyond them. */
export function secondsToEpochMs(seconds: number, ticks: number, ticksPerSecond: number): number {
  return seconds * 1000 + (ticks * 1000) / ticksPerSecond;
}

/**
 * Milliseconds of a 64-bit count of ticks since the epoch, which is `offsetSeconds` late.
 * @param high its upper 32 bits, unsigned; `low`: its lower.
 */
export function ticksToEpochMs(
  high: number,
  low: number,
  ticksPerSecond: number,
  offsetSeconds: number,
): number {
  if (ticksPerSecond > MAX_EXACT_TICKS_PER_SECOND) {
    // 64 bits of such ticks are less than 2^27 s, which a double holds to 15 ns.
    const seconds = (high * 2 ** 32 + low) / ticksPerSecond;
    return (offsetSeconds + seconds) * 1000;
  }
  // Division by hand, 16 bits at a time: the whole count does not fit into a double.
  const upper = Math.floor(high / ticksPerSecond);
  const afterUpper = (high - upper * ticksPerSecond) * 0x10000 + (low >>> 16);
  const middle = Math.floor(afterUpper / ticksPerSecond);
  const afterMiddle = (afterUpper - middle * ticksPerSecond) * 0x10000 + (low & 0xffff);
  const lower = Math.floor(afterMiddle / ticksPerSecond);
  const seconds = (upper * 0x10000 + middle) * 0x10000 + lower;
  return secondsToEpochMs(
    offsetSeconds + seconds,
    afterMiddle - lower * ticksPerSecond,
    ticksPerSecond,
  );
}
