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

/** What PHANTOM needs to have any effect, and what it gives one. */
function idlePhantomKeys({ PHANTOM, TCP_MODE, BLOCK_TCP }: Settings): IdleKey[] {
  if (PHANTOM === "off") {
    const text = "has no effect while PHANTOM is off";
    return (["PHANTOM_ANSWER", "PHANTOM_RATE"] as const).map((key) => ({ key, text }));
  }
  const isSeen = TCP_MODE === "unused" || TCP_MODE === "listed";
  if (isSeen && BLOCK_TCP === "ban") return [];
  const why = isSeen
    ? "BLOCK_TCP is 0 or 2, which changes no answer"
    : "TCP_MODE watches nothing in the kernel";
  return [{ key: "PHANTOM", text: `has no effect: ${why}` }];
}

/** Who asks for proof needs something that strangers can connect to. */
function unprovable({ PROOF, PHANTOM, TCP_MODE }: Settings): IdleKey[] {
  if (PROOF !== "handshake" || PHANTOM !== "off" || TCP_MODE === "listen") return [];
  const text =
    "handshake bans nobody while there is nothing to connect to: set PHANTOM, or TCP_MODE to tcp";
  return [{ key: "PROOF", text }];
}

/** @returns the keys among those of which `isSaid` holds that nothing goes by, and why. */
export function findIdleKeys(settings: Settings, isSaid: (key: KeyName) => boolean): IdleKey[] {
  const other = settings.DETECTOR === "trigger" ? "sequential" : "trigger";
  const text = `has no effect while DETECTOR is ${settings.DETECTOR}: it is for ${other}`;
  const ofDetector = KEYS_OF_DETECTORS[other].map((key) => ({ key, text }));
  const all = [...ofDetector, ...idlePhantomKeys(settings), ...unprovable(settings)];
  return all.filter(({ key }) => isSaid(key));
}
