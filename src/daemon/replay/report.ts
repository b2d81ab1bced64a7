/** What a replay found: the shape of `vedette replay --json`. */
import type { Evidence } from "../../model/evidence.ts";
import type { ProbeKind } from "../../model/probe.ts";
import type { Tool } from "../../model/tool.ts";
import { formatPrefix } from "../../net/prefix.ts";
import { kindsOf, type SourceStory } from "./source-stories.ts";

/**
 * `scan`: convicted. `undecided`: it touched unused ports, too few to tell. `benign`: it asked for
 * real services alone.
 */
type ReplayVerdict = "scan" | "undecided" | "benign";

/** What one source did. */
export interface ReplayCampaign {
  /** An address, or a prefix where one source is one. */
  readonly source: string;
  /** ISO 8601, by the capture's own times. */
  readonly first: string;
  readonly last: string;
  /** Unused ports, compressed: "tcp 20-25, 80; udp 53". Empty for a source that touched none. */
  readonly ports: string;
  readonly kinds: readonly ProbeKind[];
  readonly tool: Tool | null;
  readonly evidence: Evidence;
  readonly verdict: ReplayVerdict;
  /** The likelihood ratio at the verdict; null: there was none, or the detector counts. */
  readonly score: number | null;
  /** The verdict's reason; null without one. */
  readonly reason: string | null;
}

/** A file that was read to a damage. */
interface ReplayDamage {
  readonly file: string;
  /** Where the first record begins that could not be read; in the unpacked file. */
  readonly offset: number;
  readonly reason: string;
}

export interface ReplayReport {
  readonly packets: number;
  /** Packets that are no IP, or could not be decoded. */
  readonly skipped: number;
  readonly damage: readonly ReplayDamage[];
  readonly campaigns: readonly ReplayCampaign[];
}

/** @returns what is told of a source. */
export function campaignOf(story: SourceStory): ReplayCampaign {
  const { source, firstAtEpochMs, lastAtEpochMs, evidence, verdict, probes } = story;
  const found = verdict !== undefined ? "scan" : probes > 0 ? "undecided" : "benign";
  return {
    source: formatPrefix(source),
    first: new Date(firstAtEpochMs).toISOString(),
    last: new Date(lastAtEpochMs).toISOString(),
    ports: portsOf(story),
    kinds: kindsOf(story),
    tool: verdict?.tool ?? null,
    evidence,
    verdict: found,
    score: verdict?.score?.value ?? null,
    reason: verdict?.reason ?? null,
  };
}

function portsOf(story: SourceStory): string {
  return (["tcp", "udp", "icmp", "ip"] as const)
    .map((protocol) => `${protocol} ${story[protocol]}`)
    .filter((text) => !text.endsWith(" "))
    .join("; ")
    .replaceAll(",", ", ");
}
