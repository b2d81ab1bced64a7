/** Who of a replay's sources belongs together, as it is told: senders of several names, and groups. */
import type { CampaignGroup } from "../../model/campaign.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { ProbeKind } from "../../model/probe.ts";
import type { Tool } from "../../model/tool.ts";
import { formatPrefix } from "../../net/prefix.ts";
import { formatCampaignPorts } from "../campaign-lines.ts";
import type { ReplayEmitter } from "./emitter-list.ts";
import { isoTime } from "./iso-time.ts";

/** One machine that sends under several addresses, such as nmap with decoys. */
export interface EmitterView {
  /** How many addresses; `sources` may have fewer. */
  readonly count: number;
  readonly sources: readonly string[];
  /**
   * Those of them that are more than a claim; the others are likely decoys. None: any of them may be
   * the sender.
   */
  readonly real: readonly { readonly source: string; readonly evidence: Evidence }[];
}

/** Three sources or more of one block of addresses whose campaigns went on at once. */
export interface GroupView {
  /** The block: an IPv4 /24, an IPv6 /48. */
  readonly prefix: string;
  readonly first: string;
  readonly last: string;
  /** Each source counted once. In IPv6 there may be more. */
  readonly sources: number;
  /** The convicted of them before the others; 8 at the most. */
  readonly listed: readonly string[];
  /** How many of them were convicted; 0: each touched too few ports, and all together enough. */
  readonly convicted: number;
  /** How many of them would have been banned, and not let in again as decoys. */
  readonly banned: number;
  readonly packets: number;
  readonly kinds: readonly ProbeKind[];
  /** null: theirs are not known, or not the same. */
  readonly tool: Tool | null;
  /** The strongest of any of them. */
  readonly evidence: Evidence;
  /** As of a campaign. */
  readonly ports: string;
  /** Distinct ports; `ports` may have fewer. */
  readonly portCount: number;
}

export function emitterView({ count, sources, real }: ReplayEmitter): EmitterView {
  return {
    count,
    sources: sources.map(formatPrefix),
    real: real.map(({ source, evidence }) => ({ source: formatPrefix(source), evidence })),
  };
}

export function groupView(group: CampaignGroup): GroupView {
  return {
    prefix: group.prefix,
    first: isoTime(group.firstAtEpochMs),
    last: isoTime(group.lastAtEpochMs),
    sources: group.sources,
    listed: [...group.scanners, ...group.others].map(formatPrefix),
    convicted: group.convicted,
    banned: group.banned,
    packets: group.packets,
    kinds: group.kinds,
    tool: group.tool ?? null,
    evidence: group.evidence,
    ports: formatCampaignPorts(group, Number.POSITIVE_INFINITY),
    portCount: group.portCount.count,
  };
}
