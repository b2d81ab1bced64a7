/**
 * A campaign: one scan of one source, from its first probe to its last; the unit of stories.
 *
 * A story is made of numbers and our own words. What a sender can put into it are ports, kinds and
 * the look of a tool, and an address that is worth what `evidence` says.
 */
import type { Prefix } from "../net/prefix.ts";
import type { ProbedProtocol } from "../net/transport.ts";
import type { Evidence } from "./evidence.ts";
import type { ProbeKind } from "./probe.ts";
import type { Tool } from "./tool.ts";

/** Ports of one transport, or types of ICMP, or protocols; both ends of a range included. */
export interface TransportPorts {
  readonly transport: ProbedProtocol;
  /** Ascending. */
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
}

/** `atLeast`: there may be more than `count`, because no more could be told apart. */
export interface BoundedCount {
  readonly count: number;
  readonly isAtLeast: boolean;
}

/**
 * `scan`: convicted. `benign`: what was seen speaks for somebody honest rather than for a scanner.
 * `undecided`: neither.
 */
export type CampaignVerdict = "scan" | "undecided" | "benign";

/** What was done about it, the latest. */
export type CampaignOutcome =
  | { readonly status: "none" }
  /** `untilEpochMs` undefined: for good. */
  | { readonly status: "banned"; readonly untilEpochMs: number | undefined }
  | { readonly status: "unbanned" }
  /** A verdict that nothing followed from; `text`: why, in one sentence. */
  | { readonly status: "spared"; readonly reason: string; readonly text: string }
  /** A ban that the broker refused or could not make; `text`: why. */
  | { readonly status: "failed"; readonly text: string };

export interface Campaign {
  /** Unique within one journal: "mbz1k2p0-1f". */
  readonly id: string;
  /** Who is judged: an address, or an IPv6 block. */
  readonly source: Prefix;
  readonly firstAtEpochMs: number;
  readonly lastAtEpochMs: number;
  /** Probes, repeats included. */
  readonly packets: number;
  /** Each transport that was probed, with its ports in as few ranges as possible. */
  readonly ports: readonly TransportPorts[];
  /** Distinct ports over all transports. `isAtLeast`: `ports` does not have all of them. */
  readonly portCount: BoundedCount;
  readonly kinds: readonly ProbeKind[];
  readonly tool: Tool | undefined;
  /** The strongest of the whole campaign. */
  readonly evidence: Evidence;
  /** Addresses of ours that were probed; from {@link SWEEP_DESTINATIONS} on it is a sweep. */
  readonly destinations: BoundedCount;
  readonly verdict: CampaignVerdict;
  /** The likelihood ratio of the latest verdict, or of now; undefined where no rule has one. */
  readonly score: number | undefined;
  /** Why the source was first convicted, in words; undefined: it was not. */
  readonly reason: string | undefined;
  /** Whether the kernel held the source. */
  readonly wasHeld: boolean;
  readonly outcome: CampaignOutcome;
  /** Under which other addresses the same machine sends; undefined: none is known. */
  readonly emitter: CampaignEmitter | undefined;
}

/** One machine that sends under several addresses, such as nmap with decoys. */
export interface CampaignEmitter {
  /** How many sources, this one included. At least 2. */
  readonly sources: number;
  /** How many of them have ever been more than a claim. */
  readonly realCount: number;
  /** Those, the strongest evidence first; 8 at the most. */
  readonly real: readonly { readonly source: Prefix; readonly evidence: Evidence }[];
  /** The others, which never answered, as far as they were asked; 8 at the most. */
  readonly silent: readonly Prefix[];
}

/** So many of our addresses make a sweep of what one source probes. */
export const SWEEP_DESTINATIONS = 3;

/** Sources of one block of addresses whose campaigns go on at once: shown as one. */
export interface CampaignGroup {
  /** The block: an IPv4 /24, an IPv6 /48. */
  readonly prefix: Prefix;
  /** Of all their probes since the first source came. */
  readonly firstAtEpochMs: number;
  readonly lastAtEpochMs: number;
  /** Each source counted once, since the first of them came. In IPv6 there may be more. */
  readonly sources: number;
  /** Those of them that were convicted. */
  readonly convicted: number;
  /** Those of them that are or were banned by a verdict, and not let in as decoys. */
  readonly banned: number;
  /** The convicted, and the others: 8 together at the most, the convicted before the others. */
  readonly scanners: readonly Prefix[];
  readonly others: readonly Prefix[];
  readonly packets: number;
  readonly kinds: readonly ProbeKind[];
  /** undefined: theirs are not known, or not the same. */
  readonly tool: Tool | undefined;
  /** The strongest of any of them. */
  readonly evidence: Evidence;
  /** As in {@link Campaign}. */
  readonly ports: readonly TransportPorts[];
  readonly portCount: BoundedCount;
}

/**
 * `opened`: it is more than one stray packet. `convicted`: for the first time, or once more when
 * people begin to be told of it. `updated`: it has
 * grown, told at long intervals. `closed`: it was quiet for long enough, or is forgotten.
 */
export type CampaignChange = "opened" | "convicted" | "updated" | "closed";

/**
 * Told of each change, during the call that makes it. `story` makes the campaign as it is now, for
 * whoever wants it; it may be called in that call alone. `isStory`: it is a scan, and no other tells
 * people of it.
 */
export type CampaignListener = (
  change: CampaignChange,
  story: () => Campaign,
  isStory: boolean,
) => void;
