/**
 * Keys that somebody has set and that another key leaves without effect: told, because a line that
 * looks in force and is not is the worst kind of setting.
 */
import type { KeyName, Settings } from "./schema.ts";

/** A key without effect, and why, in words that follow its name. */
interface IdleKey {
  readonly key: KeyName;
  readonly text: string;
}

const KEYS_OF_DETECTORS = {
  trigger: ["SCAN_TRIGGER", "TRIGGER_COUNTS"],
  sequential: ["STRICT", "SCORE_HALF_LIFE"],
} as const satisfies Record<Settings["DETECTOR"], readonly KeyName[]>;

/** @returns the keys among those of which `isSaid` holds that nothing goes by, and why. */
export function findIdleKeys(settings: Settings, isSaid: (key: KeyName) => boolean): IdleKey[] {
  const other = settings.DETECTOR === "trigger" ? "sequential" : "trigger";
  return KEYS_OF_DETECTORS[other].filter(isSaid).map((key) => ({
    key,
    text: `has no effect while DETECTOR is ${settings.DETECTOR}: it is for ${other}`,
  }));
}
