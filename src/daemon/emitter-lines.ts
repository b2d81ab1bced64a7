/**
 * One sender behind several addresses (nmap -D), in words for people.
 *
 * Which address is the sender's own is not known: an address that answers may be a host that exists
 * and has sent nothing, and only who completed handshakes is certain to take part. So a line names
 * all that is known of the others, and calls nobody the scanner who is only one of several.
 */
import type { CampaignEmitter } from "../model/campaign.ts";
import type { Decoy } from "../model/verdict.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";

/** @returns who did it: "192.0.2.7", or "192.0.2.7 or another of 4 addresses". */
export function formatSubject(source: Prefix, emitter: CampaignEmitter | undefined): string {
  const who = formatPrefix(source);
  if (emitter === undefined) return who;
  const [first, second] = emitter.real;
  const isAlone = second === undefined || first?.evidence !== second.evidence;
  if (first?.source === source && isAlone) return who;
  return `${who} or another of ${emitter.sources} addresses`;
}

/**
 * @param isOver nothing more is expected of any of them.
 * @returns "one sender uses 4 addresses: 192.0.2.7 answers and may be the real one, while …".
 */
export function formatEmitter(emitter: CampaignEmitter, isOver: boolean): string {
  const { sources, realCount, real, silent } = emitter;
  const silentCount = sources - realCount;
  if (realCount === 0) {
    const yet = isOver ? "" : " yet";
    return `one sender uses ${sources} addresses, of which none has answered${yet}: ${named(silent, silentCount)}`;
  }
  const proven = real.filter(({ evidence }) => evidence === "proven").map(({ source }) => source);
  const alive = real.filter(({ evidence }) => evidence === "alive").map(({ source }) => source);
  const parts = [
    ...(proven.length > 0 ? [`${named(proven)} completed handshakes`] : []),
    ...(alive.length > 0
      ? [answering(named(alive, realCount - proven.length), realCount, proven.length > 0)]
      : []),
    ...(silentCount > 0
      ? [
          `${named(silent, silentCount)} never answered (${silentCount === 1 ? "likely a decoy" : "likely decoys"})`,
        ]
      : []),
  ];
  return `one sender uses ${sources} addresses: ${parts.join(", ")}`;
}

/** @returns why a ban was ended. */
export function formatExoneration(source: Prefix, { sources, evidence }: Decoy): string {
  return (
    `${formatPrefix(source)} is let in again: it is one of ${sources} addresses of one sender, ` +
    `and another of them is ${evidence}`
  );
}

function answering(who: string, realCount: number, isOneProven: boolean): string {
  if (realCount === 1) return `${who} answers (it may be the real one)`;
  return isOneProven ? `${who} answered` : `${who} answer (any of them may be the real one)`;
}

/** @param count how many there are, should they not all be named. */
function named(sources: readonly Prefix[], count = sources.length): string {
  const more = count > sources.length ? ` and ${count - sources.length} more` : "";
  return `${sources.map(formatPrefix).join(", ")}${more}`;
}
