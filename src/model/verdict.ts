/** A detector's finding on one source, with everything that explains it. */
import type { IpAddress } from "../net/ip-address.ts";
import type { Prefix } from "../net/prefix.ts";
import type { ProbedProtocol } from "../net/transport.ts";
import type { Evidence } from "./evidence.ts";
import type { KeptProbe, ProbeKind } from "./probe.ts";
import type { Tool } from "./tool.ts";

/** As in a probe, whose `port` says what the number is where there are no ports. */
export interface ProbedPort {
  readonly transport: ProbedProtocol;
  readonly port: number;
}

/** One step of a walk: a first contact, and what it made of the score. */
export interface ScoreStep extends ProbedPort {
  /** Milliseconds since the first step; whole, never less than the step before. */
  readonly afterMs: number;
  /**
   * What the score was multiplied by: above 1 for an unused port, below 1 for a real service, 1 for
   * what does not tell one from the other.
   */
  readonly factor: number;
}

/** How likely a scanner is, against somebody honest, and everything that it was made from. */
export interface Score {
  /** The likelihood ratio after the last step. */
  readonly value: number;
  /** How long until its logarithm is worth half. Milliseconds. */
  readonly halfLifeMs: number;
  /** In the order in which they were taken; bounded by the detector. */
  readonly steps: readonly ScoreStep[];
}

/** One machine sends under the source and under others, of which another is more than this one. */
export interface Decoy {
  /** Sources that the machine uses, this one included. At least 2. */
  readonly sources: number;
  /** The strongest among the others, stronger than the verdict's own. */
  readonly evidence: Evidence;
}

export interface Verdict {
  /** The source as it is judged: an IPv4 address (/32), an IPv6 /64, or one IPv6 address (/128). */
  readonly source: Prefix;
  /** The address that sent the convicting probe; inside `source`. */
  readonly address: IpAddress;
  /** The strongest evidence among the probes that count. */
  readonly evidence: Evidence;
  /**
   * There iff the same verdict was given before, on this weaker evidence: it says nothing new of
   * the scan.
   */
  readonly raisedFrom?: Evidence;
  /** Stable name of the rule that convicted: "trigger", "sequential". */
  readonly ruleId: string;
  /** There iff the rule is "sequential". */
  readonly score?: Score;
  /** In words, for people: "3 unused ports within 2 s: tcp 22, 23, 25". */
  readonly reason: string;
  /**
   * Distinct ports, ICMP types and protocols in the order in which they were probed; bounded by the
   * detector.
   */
  readonly ports: readonly ProbedPort[];
  readonly kinds: readonly ProbeKind[];
  /** What made the probes, as their headers tell; undefined: they do not agree, or do not tell. */
  readonly tool: Tool | undefined;
  /** The probe that convicted. */
  readonly last: KeptProbe;
  /** Probes of this source so far, repeats included. */
  readonly probes: number;
  readonly firstSeenAtEpochMs: number;
  readonly decidedAtEpochMs: number;
  /** The scan to which this verdict belongs; unique within one journal. */
  readonly campaignId: string;
  /** Why the source is likely not the sender; absent: nothing speaks for that. */
  readonly decoy?: Decoy;
}
