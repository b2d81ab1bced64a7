/**
 * Every configuration key there is, in the order in which people are shown them.
 *
 * Each folder describes its own keys in its options.ts; here they are put together, and the few
 * rules are checked that no key can check alone.
 */
import { alertKeys } from "../alerts/options.ts";
import { apiKeys } from "../api/options.ts";
import { brokerKeys, hookKeys } from "../broker/options.ts";
import type { ConfigKeys, ConfigValues } from "../config-key.ts";
import { daemonKeys } from "../daemon/options.ts";
import { detectorKeys } from "../detectors/options.ts";
import { journalKeys } from "../journal/options.ts";
import { kernelKeys } from "../kernel/options.ts";
import { policyKeys } from "../policy/options.ts";
import { proofKeys } from "../proof/options.ts";
import { sensorKeys } from "../sensors/options.ts";

/** A heading and the keys below it. */
export interface ConfigSection {
  readonly title: string;
  readonly keys: ConfigKeys;
}

/** The sections of the sample file and of the reference page. */
export const CONFIG_SECTIONS: readonly ConfigSection[] = [
  { title: "What is watched", keys: sensorKeys },
  { title: "What the kernel does at once", keys: kernelKeys },
  { title: "Who is a scanner", keys: detectorKeys },
  { title: "Who is real", keys: proofKeys },
  { title: "What follows", keys: policyKeys },
  { title: "Trust, and what a stop leaves", keys: brokerKeys },
  { title: "PortSentry's commands and files", keys: hookKeys },
  { title: "What is remembered", keys: journalKeys },
  { title: "Output", keys: daemonKeys },
  { title: "The API", keys: apiKeys },
  { title: "Alerts", keys: alertKeys },
];

/** All keys by name. */
export const CONFIG_KEYS = {
  ...sensorKeys,
  ...kernelKeys,
  ...detectorKeys,
  ...proofKeys,
  ...policyKeys,
  ...brokerKeys,
  ...hookKeys,
  ...journalKeys,
  ...daemonKeys,
  ...apiKeys,
  ...alertKeys,
};

export type KeyName = keyof typeof CONFIG_KEYS;

/** The typed values of all keys; durations are ms. */
export type Settings = ConfigValues<typeof CONFIG_KEYS>;

export const KEY_NAMES = Object.keys(CONFIG_KEYS) as readonly KeyName[];

export function isKeyName(name: string): name is KeyName {
  return Object.hasOwn(CONFIG_KEYS, name);
}

/** A rule between keys that is broken: the key to change, and why. */
export interface SettingsFault {
  readonly key: KeyName;
  readonly text: string;
}

/** Text of every key. */
export type ConfigTexts = Readonly<Record<KeyName, string>>;

/** @returns every rule between keys that `settings`, made of `texts`, break. */
export function findConflicts(settings: Settings, texts: ConfigTexts): SettingsFault[] {
  const faults: SettingsFault[] = [];
  if (settings.TCP_MODE === "off" && settings.UDP_MODE === "off") {
    faults.push({ key: "TCP_MODE", text: "nothing is watched while UDP_MODE is empty, too" });
  }
  const missing = (["TCP", "UDP"] as const).filter((transport) => {
    const mode = settings[`${transport}_MODE`];
    const isListMode = mode === "listed" || mode === "listen";
    return isListMode && settings[`${transport}_PORTS`].size === 0;
  });
  for (const transport of missing) {
    // PortSentry 2.x has one mode for both transports and asks for ports of one of them.
    const isForBoth = /^(?:stealth|connect)$/.test(texts[`${transport}_MODE`]);
    const other = transport === "TCP" ? "UDP" : "TCP";
    const isOtherWatched = settings[`${other}_MODE`] !== "off" && !missing.includes(other);
    if (isForBoth && isOtherWatched) continue;
    const text = `the list mode of ${transport}_MODE needs at least one port`;
    faults.push({ key: `${transport}_PORTS`, text });
  }
  for (const key of ["BLOCK_TCP", "BLOCK_UDP"] as const) {
    if (settings[key] !== "hooks" || settings.KILL_RUN_CMD !== undefined) continue;
    faults.push({ key, text: "2 runs KILL_RUN_CMD and nothing else, and that is not set" });
  }
  return faults;
}
