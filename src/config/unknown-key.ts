/** Says that there is no such key, and which may have been meant. */
import { nearestName } from "./nearest-name.ts";
import { KEY_NAMES } from "./schema.ts";

/** What a key that was has become, by its name. */
const FORMER_KEYS: Readonly<Record<string, string>> = {
  BAN_TIME: "BAN_TIME_CLAIMED, BAN_TIME_ALIVE and BAN_TIME_PROVEN, one for each evidence",
};

/** @returns whether a file may hold the key because it was one, and says what is no more. */
export function isFormerKey(key: string): boolean {
  return Object.hasOwn(FORMER_KEYS, key);
}

/** "unknown key HOLD_TIMES; did you mean HOLD_TIME?" */
export function describeUnknownKey(key: string): string {
  if (isFormerKey(key)) return `${key} is no key any more: it has become ${FORMER_KEYS[key]}`;
  const nearest = nearestName(key, KEY_NAMES);
  return `unknown key ${key}${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
}
