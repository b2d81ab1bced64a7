/**
 * How sure we are that a source is who it says.
 *
 * A source address is a claim. `claimed`: a packet came, which anybody can forge. `alive`: the
 * address answered our challenge, so it exists, which does not prove that it sent the probe.
 * `proven`: a TCP handshake was completed on a port that nothing serves, which nobody off the path
 * can fake. Of a probe it means that one handshake; of a verdict, enough of them to convict by:
 * src/detectors/proven-ports.ts.
 */
import type { AddressWords } from "../net/address-words.ts";
import type { Prefix } from "../net/prefix.ts";

/** From weakest to strongest. */
export const EVIDENCE_LEVELS = ["claimed", "alive", "proven"] as const;

/** See the file comment. */
export type Evidence = (typeof EVIDENCE_LEVELS)[number];

/**
 * A source has shown that it is more than a claim, after the probe for which it was asked.
 *
 * Valid only during the call that passes it, like a probe. An answer to a challenge can be had from
 * an innocent host by whoever forges its address, so it says "alive" and no more.
 */
export interface Proof {
  /** Who answered; the address of the probe that was answered for. */
  readonly source: AddressWords;
  readonly evidence: Exclude<Evidence, "claimed">;
  /** The TCP port of ours that was probed, 0 to 65535. */
  readonly port: number;
  /** When the answer arrived: monotonic milliseconds. */
  readonly seenAtMs: number;
}

/**
 * By what a source has shown what it is. `answer`: it answered our challenge on the port, which a
 * live innocent does, too. `handshake`: it completed one on a port that looks open. `connection`:
 * a listener of ours took its connection. `earlier`: before its campaign began, on a port that is
 * not known any more.
 */
export const EVIDENCE_WAYS = ["answer", "handshake", "connection", "earlier"] as const;

/** See {@link EVIDENCE_WAYS}. */
export type EvidenceWay = (typeof EVIDENCE_WAYS)[number];

/** The first time in a campaign that this way has led to this evidence. */
export interface EvidenceStep {
  readonly source: Prefix;
  readonly campaignId: string;
  readonly atEpochMs: number;
  readonly way: EvidenceWay;
  /** What the campaign's source was then known to be; never "claimed". */
  readonly evidence: Proof["evidence"];
  /** The TCP port of ours, 0 to 65535; undefined iff the way is "earlier". */
  readonly port: number | undefined;
}

const IN_WORDS: Readonly<Record<Evidence, string>> = {
  claimed: "anybody could have sent it",
  alive: "it answers, and may not have sent it",
  proven: "it completed a handshake",
};

/** "claimed: anybody could have sent it": the level, and what it means, for people. */
export function describeEvidence(evidence: Evidence): string {
  return `${evidence}: ${IN_WORDS[evidence]}`;
}

/** @returns whether `evidence` is stronger than `than`. */
export function isStronger(evidence: Evidence, than: Evidence): boolean {
  return EVIDENCE_LEVELS.indexOf(evidence) > EVIDENCE_LEVELS.indexOf(than);
}

/** @returns `evidence` and what is stronger. */
export function evidenceFrom(evidence: Evidence): readonly Evidence[] {
  return EVIDENCE_LEVELS.slice(EVIDENCE_LEVELS.indexOf(evidence));
}
