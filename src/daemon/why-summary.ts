/**
 * Why somebody is banned or is not, in a few sentences.
 *
 * Of a prefix they are about all of it, and then about parts of it: that one address of it is trusted
 * or banned is never said of the whole.
 */
import type { BanView } from "../api/contract.ts";
import { counted } from "../counted.ts";
import type { BoundedCount, Campaign } from "../model/campaign.ts";
import { describeEvidence } from "../model/evidence.ts";
import type { TrustedEntry } from "../model/trusted-entry.ts";
import type { Score } from "../model/verdict.ts";
import { formatPrefix } from "../net/prefix.ts";
import { formatStory } from "./campaign-lines.ts";
import { formatSpan } from "./spans.ts";

/** Of bans inside a prefix, and of those trusted in it. */
export const MOST_NAMED = 3;

/** Ban, trust and past of one address, source or wider prefix. */
export interface Known {
  /** Whether it is one address, which nothing is inside of. */
  readonly isOne: boolean;
  /** Bans in force that cover all of it. */
  readonly around: readonly BanView[];
  /** The latest of those on a part of it, and how many there are. */
  readonly inside: readonly BanView[];
  readonly insideCount: BoundedCount;
  /** Why all of it is trusted; undefined: a part of it at the most. */
  readonly trusted: string | undefined;
  /** Who is trusted and a part of it: some, one more than are named when there are more. */
  readonly trustedInside: readonly TrustedEntry[];
  /** What blocklists say, in words; empty: nothing. */
  readonly listed: string;
  readonly score: Score | undefined;
  readonly latest: Campaign | undefined;
  readonly nowEpochMs: number;
}

/** The answer in a few sentences, the most important first. */
export function summaryOf(address: string, known: Known): string {
  const { around, trusted, listed } = known;
  const sentences = around.map((ban) => banSentence(address, ban));
  sentences.push(...insideSentences(address, known));
  if (trusted !== undefined) {
    sentences.push(`${address} is trusted (${trusted}): it is never held and never banned.`);
  }
  const isTold = sentences.length > 0;
  if (listed !== "") sentences.push(listed);
  if (!isTold) sentences.push(unbannedSentence(address, known));
  if (trusted === undefined) sentences.push(...partlyTrusted(address, known.trustedInside));
  return sentences.join(" ");
}

/** "2 bans in force are inside 192.0.2.0/24: 192.0.2.7 for another 9 min, 192.0.2.8 for good." */
function insideSentences(address: string, { inside, insideCount }: Known): string[] {
  const { count, isAtLeast } = insideCount;
  if (count === 0) {
    if (!isAtLeast) return [];
    return [`More bans are in force than were looked through: some may be inside ${address}.`];
  }
  const named = inside.slice(0, MOST_NAMED).map((ban) => `${ban.address} ${spanOf(ban)}`);
  const many = `${isAtLeast ? "at least " : ""}${counted(count, "ban")} in force`;
  const which = count > named.length ? ", the latest of them " : ": ";
  const are = count === 1 ? "is" : "are";
  return [`${many.replace("at", "At")} ${are} inside ${address}${which}${named.join(", ")}.`];
}

function partlyTrusted(address: string, entries: readonly TrustedEntry[]): string[] {
  if (entries.length === 0) return [];
  const named = entries
    .slice(0, MOST_NAMED)
    .map(({ prefix, why }) => `${formatPrefix(prefix)} (${why})`)
    .join(", ");
  const more = entries.length > MOST_NAMED ? " and more" : "";
  const which = entries.length === 1 ? "which is" : "which are";
  return [`${address} cannot be banned as a whole: it holds ${named}${more}, ${which} trusted.`];
}

function unbannedSentence(address: string, known: Known): string {
  const { listed, latest, nowEpochMs, isOne } = known;
  const standing = standingOf(known);
  const nobody = isOne ? "" : ", nor is anybody inside it";
  if (latest === undefined) {
    if (listed !== "" && standing === "") {
      return `${address} is not banned${nobody}, and the journal has no probe of it.`;
    }
    return standing === ""
      ? `Nothing is known of ${address}: it is not banned${nobody}, and the journal has no probe of it.`
      : `${address} is not banned${nobody}.${standing}`;
  }
  const ago = formatSpan(Math.max(0, nowEpochMs - latest.lastAtEpochMs));
  return `${address} is not banned${nobody}.${standing} The latest, ${ago} ago: ${formatStory(latest)}.`;
}

/** "192.0.2.7 is banned for another 52 min (alive: …): 4 unused ports within 2 s: tcp 22, …". */
function banSentence(address: string, ban: BanView): string {
  const { origin, evidence, reason } = ban;
  const who = ban.address === address ? address : `${address} is in ${ban.address}, which`;
  const what = origin === "operator" ? "by command" : describeEvidence(evidence);
  return `${who} is banned ${spanOf(ban)} (${what}): ${reason}.`.replace(/\.\.$/, ".");
}

function spanOf({ remaining_seconds: seconds }: BanView): string {
  return seconds === null ? "for good" : `for another ${formatSpan(seconds * 1000)}`;
}

function standingOf({ score }: Known): string {
  if (score === undefined) return "";
  const contacts = counted(score.steps.length, "contact");
  return ` What counts now is ${contacts}, which make a scanner ${formatRatio(score.value)}.`;
}

/** A likelihood ratio in words: "16 times as likely", "4 times less likely". */
function formatRatio(ratio: number): string {
  const digits = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
  if (ratio >= 1) return `${digits(ratio)} times as likely as anybody honest`;
  return `${digits(1 / ratio)} times less likely than anybody honest`;
}
