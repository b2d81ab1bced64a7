/**
 * What PortSentry 1.2 makes of a text where it expects a number: it asks atoi(3), which takes the
 * digits at the beginning and 0 where there are none, and never says that a text is no number.
 *
 * Each function returns the text that says openly what PortSentry would have done, or undefined
 * where that would be nonsense or harm. They are asked only for texts that do not fit as they are.
 */

/** More digits are beyond every bound that any key has. */
const LEADING_INTEGER = /^\s*([+-]?\d{1,15})/;

/** @returns as atoi(3): 0 where `text` begins with no number. */
function leadingInteger(text: string): number {
  return Number(LEADING_INTEGER.exec(text)?.[1] ?? 0);
}

/** For keys that are 0 or 1: everything but 1 is 0. */
export function portsentryFlag(text: string): string {
  return leadingInteger(text) === 1 ? "1" : "0";
}

/** For BLOCK_TCP and BLOCK_UDP: everything but 1 and 2 is 0. */
export function portsentryBlock(text: string): string {
  const value = leadingInteger(text);
  return value === 1 || value === 2 ? `${value}` : "0";
}

/** For SCAN_TRIGGER. @returns undefined below 0. */
export function portsentryTrigger(text: string): string | undefined {
  const value = leadingInteger(text);
  return value < 0 ? undefined : `${value}`;
}

/**
 * For ADVANCED_PORTS_*: the ports below it, and there are none above 65535.
 * @returns undefined below 1: nothing would be watched.
 */
export function portsentryPortLimit(text: string): string | undefined {
  const value = leadingInteger(text);
  return value < 1 ? undefined : `${Math.min(value, 65_536)}`;
}
