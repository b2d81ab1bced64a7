/** Says that there is no such key, and which may have been meant. */
import { nearestName } from "./nearest-name.ts";
import { KEY_NAMES } from "./schema.ts";

/** "unknown key HOLD_TIMES; did you mean HOLD_TIME?" */
export function describeUnknownKey(key: string): string {
  const nearest = nearestName(key, KEY_NAMES);
  return `unknown key ${key}${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
}
