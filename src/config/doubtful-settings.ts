/**
 * Settings that are in force, or capped, and hardly ever what was meant: told as warnings with the
 * value and what is expected. Nothing is refused for them: somebody may mean it so.
 *
 * A set-up that nobody has touched is never doubtful: each warning stands at a key that was said.
 */
import { formatPorts, PortSet } from "../net/port-range.ts";
import { LONGEST_CLAIMED_MS } from "../policy/options.ts";
import type { ConfigTexts, KeyName, Settings } from "./schema.ts";

/** 1 to 65535. */
const ALL_PORTS = 65_535;

/** A key that was said, and what is doubtful about its value, in words that follow its name. */
interface DoubtfulSetting {
  readonly key: KeyName;
  readonly text: string;
}

interface Said {
  readonly settings: Settings;
  readonly texts: ConfigTexts;
  readonly isSaid: (key: KeyName) => boolean;
}

type BanTimeKey = "BAN_TIME_CLAIMED" | "BAN_TIME_ALIVE" | "BAN_TIME_PROVEN";

/** @returns each of them, in no order. */
export function findDoubtfulSettings(said: Said): DoubtfulSetting[] {
  const all = [
    ...cappedClaimedBans(said),
    ...shrinkingSteps(said),
    ...weakerForLonger(said),
    ...openToTheBanned(said),
    ...excludedTraps(said),
    ...everythingExcluded(said),
    ...bansOfNobody(said),
  ];
  return all.filter(({ key }) => said.isSaid(key));
}

/** Whoever reads the file would expect a ban that never comes. */
function cappedClaimedBans({ settings, texts }: Said): DoubtfulSetting[] {
  const { PROOF, BAN_TIME_CLAIMED: steps } = settings;
  if (PROOF !== "alive") return [];
  if (steps.length > 0 && steps.every((stepMs) => stepMs <= LONGEST_CLAIMED_MS)) return [];
  const text =
    `${texts.BAN_TIME_CLAIMED}: with PROOF alive such a ban lasts a minute at most, because ` +
    "anybody can forge it: expected no step over 1m";
  return [{ key: "BAN_TIME_CLAIMED", text }];
}

function shrinkingSteps({ settings, texts }: Said): DoubtfulSetting[] {
  return banTimesInForce(settings).flatMap((key) => {
    const steps = settings[key];
    if (steps.every((stepMs, index) => stepMs >= (steps[index - 1] ?? 0))) return [];
    const text = `${texts[key]}: a later ban is shorter than the one before it: expected steps that never shrink`;
    return [{ key, text }];
  });
}

/** What is easier to forge would shut out for longer than what is not. */
function weakerForLonger({ settings, texts, isSaid }: Said): DoubtfulSetting[] {
  const keys = banTimesInForce(settings);
  return keys.slice(1).flatMap((stronger, index) => {
    const weaker = keys[index] as BanTimeKey;
    if (!isEverLonger(stepsOf(weaker, settings), stepsOf(stronger, settings))) return [];
    const told = isSaid(weaker)
      ? `longer than ${stronger} (${texts[stronger]}), which stands on more: expected no step above its own`
      : `shorter than ${weaker} (${texts[weaker]}), which stands on less: expected no step below its own`;
    const key = isSaid(weaker) ? weaker : stronger;
    return [{ key, text: `${texts[key]}: ${told}` }];
  });
}

/** A port that looks open shows nothing to whoever is shut out. */
function openToTheBanned({ settings, texts }: Said): DoubtfulSetting[] {
  const { PHANTOM, PROOF, TCP_MODE, BLOCK_TCP } = settings;
  const answers = (TCP_MODE === "unused" || TCP_MODE === "listed") && BLOCK_TCP === "ban";
  if (PHANTOM !== "all" || PROOF === "handshake" || !answers) return [];
  const text =
    `${texts.PHANTOM}: with PROOF ${PROOF} a source is banned for what it claims, and sees nothing ` +
    "open from there on: expected PROOF handshake with it";
  return [{ key: "PHANTOM", text }];
}

function excludedTraps({ settings, texts }: Said): DoubtfulSetting[] {
  const { TRAP_PORTS, ADVANCED_EXCLUDE_TCP } = settings;
  const both = new PortSet([...TRAP_PORTS].filter((port) => ADVANCED_EXCLUDE_TCP.has(port)));
  if (both.size === 0) return [];
  const [what, whom] = both.size === 1 ? ["is no trap", "it"] : ["are no traps", "them"];
  const text =
    `${texts.TRAP_PORTS}: ${formatPorts(both)} ${what}, because ADVANCED_EXCLUDE_TCP ` +
    `(${texts.ADVANCED_EXCLUDE_TCP}) excludes ${whom}: expected each port in one of the two`;
  return [{ key: "TRAP_PORTS", text }];
}

function everythingExcluded({ settings, texts }: Said): DoubtfulSetting[] {
  const keys = ["ADVANCED_EXCLUDE_TCP", "ADVANCED_EXCLUDE_UDP"] as const;
  return keys.flatMap((key) => {
    if (settings[key].size < ALL_PORTS) return [];
    const text = `${texts[key]}: no port is watched: expected some that are not excluded`;
    return [{ key, text }];
  });
}

/** What has no port is shut out by nothing else. */
function bansOfNobody({ settings, texts }: Said): DoubtfulSetting[] {
  if (!settings.SENSE_OTHER || settings.NFT_BAN) return [];
  const text =
    `${texts.SENSE_OTHER}: who is convicted by it is not shut out while NFT_BAN is 0: ` +
    "expected NFT_BAN 1 with it";
  return [{ key: "SENSE_OTHER", text }];
}

/** Weakest evidence first. */
function banTimesInForce({ PROOF }: Settings): readonly BanTimeKey[] {
  return PROOF === "handshake"
    ? ["BAN_TIME_PROVEN"]
    : ["BAN_TIME_CLAIMED", "BAN_TIME_ALIVE", "BAN_TIME_PROVEN"];
}

/** As they are in force; Infinity: for good. */
function stepsOf(key: BanTimeKey, settings: Settings): readonly number[] {
  const steps = settings[key].length === 0 ? [Number.POSITIVE_INFINITY] : settings[key];
  const isCapped = key === "BAN_TIME_CLAIMED" && settings.PROOF === "alive";
  return isCapped ? steps.map((stepMs) => Math.min(stepMs, LONGEST_CLAIMED_MS)) : steps;
}

/** The last step of each goes on for ever. */
function isEverLonger(one: readonly number[], other: readonly number[]): boolean {
  const count = Math.max(one.length, other.length);
  return Array.from({ length: count }, (_, index) => index).some(
    (index) => (one[index] ?? one.at(-1) ?? 0) > (other[index] ?? other.at(-1) ?? 0),
  );
}
