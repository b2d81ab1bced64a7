/**
 * A campaign in one line for people, and in fields for machines.
 *
 * Everything in it is numbers and our own words. However many ports a sender touches, a line names
 * {@link MAX_TOLD_PORTS} ranges of them and says how many ports there are in all.
 */

import { counted } from "../counted.ts";
import {
  type BoundedCount,
  type Campaign,
  type CampaignGroup,
  type CampaignOutcome,
  SWEEP_DESTINATIONS,
} from "../model/campaign.ts";
import type { ProbeKind } from "../model/probe.ts";
import type { Tool } from "../model/tool.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import type { ProbedProtocol } from "../net/transport.ts";
import { formatKind } from "../sensors/probe-kind.ts";
import { formatEmitter, formatSubject } from "./emitter-lines.ts";
import { formatSpan } from "./spans.ts";

/** Ranges of ports that a line names. */
const MAX_TOLD_PORTS = 24;

/** Values that may stand in a line of the log. */
type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** @returns "192.0.2.7 probes tcp 22-23, 80 (SYN)", with what is more than a stray packet. */
export function formatOpening(campaign: Campaign): string {
  const { source, wasHeld } = campaign;
  const held = wasHeld ? "; held" : "";
  return `${formatPrefix(source)} probes ${formatCampaignPorts(campaign)} (${formatHow(campaign)})${held}`;
}

/** @returns why it is a scan: "192.0.2.7 scans (SYN, by nmap): 4 unused ports within 1 s: …". */
export function formatConviction(campaign: Campaign): string {
  const { source, reason, emitter } = campaign;
  const behind = emitter === undefined ? "" : `; ${formatEmitter(emitter, false)}`;
  return `${formatSubject(source, emitter)} scans (${formatHow(campaign)}): ${reason ?? ""}${behind}`;
}

/** @returns the whole story, in the past. */
export function formatStory(campaign: Campaign): string {
  const { source, packets, evidence, emitter } = campaign;
  const did = campaign.verdict === "scan" ? "scanned" : "probed";
  const parts = [
    `${formatSubject(source, emitter)} ${did} ${formatWhat(campaign)} within ${formatWithin(campaign)} (${formatHow(campaign)}; ${evidence}): ` +
      formatCampaignPorts(campaign),
    counted(packets, "packet"),
    ...(emitter === undefined ? [] : [formatEmitter(emitter, true)]),
    formatOutcome(campaign),
  ];
  return parts.filter(Boolean).join("; ");
}

/**
 * @param isOver for its whole story, in the past and with what became of it.
 * @returns "3 sources of 203.0.113.0/24: 1 scans (…), 2 probe (…): 12 ports within 3 s (…): …".
 */
export function formatGroup(group: CampaignGroup, isOver: boolean): string {
  const { prefix, sources, convicted, banned, scanners, others, packets } = group;
  const scan = isOver ? "scanned" : convicted === 1 ? "scans" : "scan";
  const probe = isOver ? "probed" : sources - convicted === 1 ? "probes" : "probe";
  const did = [
    ...(convicted > 0 ? [`${convicted} ${scan}${named(scanners, convicted)}`] : []),
    ...(sources > convicted
      ? [`${sources - convicted} ${probe}${named(others, sources - convicted)}`]
      : []),
  ];
  const what = `${formatCount(group.portCount, "port")} within ${formatWithin(group)}`;
  // Of one of them at least; the others may be less.
  const evidence = group.evidence === "claimed" ? "claimed" : `${group.evidence} at best`;
  return [
    `${counted(sources, "source")} of ${prefix}: ${did.join(", ")}: ${what} (${formatHow(group)}; ${evidence}): ` +
      formatCampaignPorts(group),
    counted(packets, "packet"),
    ...(isOver && convicted > 0 ? [banned === 0 ? "nobody banned" : `${banned} banned`] : []),
  ].join("; ");
}

/** " (192.0.2.7, 192.0.2.8, …)"; nothing where none is known by name. */
function named(sources: readonly Prefix[], count: number): string {
  if (sources.length === 0) return "";
  return ` (${sources.map(formatPrefix).join(", ")}${count > sources.length ? ", …" : ""})`;
}

/** @returns the same for machines. */
export function groupFields(group: CampaignGroup): Fields {
  return {
    prefix: group.prefix,
    sources: group.sources,
    listed: [...group.scanners, ...group.others].map(formatPrefix).join(","),
    convicted: group.convicted,
    banned: group.banned,
    scanners: group.scanners.map(formatPrefix).join(","),
    first: isoTime(group.firstAtEpochMs),
    last: isoTime(group.lastAtEpochMs),
    packets: group.packets,
    ports: formatCampaignPorts(group, Number.POSITIVE_INFINITY),
    port_count: group.portCount.count,
    kinds: group.kinds.join(","),
    tool: group.tool,
    evidence: group.evidence,
  };
}

/** @returns the same for machines; times in RFC 3339. */
export function campaignFields(campaign: Campaign): Fields {
  const { outcome, emitter } = campaign;
  return {
    campaign: campaign.id,
    source: formatPrefix(campaign.source),
    first: isoTime(campaign.firstAtEpochMs),
    last: isoTime(campaign.lastAtEpochMs),
    packets: campaign.packets,
    ports: formatCampaignPorts(campaign, Number.POSITIVE_INFINITY),
    port_count: campaign.portCount.count,
    kinds: campaign.kinds.join(","),
    tool: campaign.tool,
    evidence: campaign.evidence,
    destinations: campaign.destinations.count,
    sweep: campaign.destinations.count >= SWEEP_DESTINATIONS,
    verdict: campaign.verdict,
    score: campaign.score,
    reason: campaign.reason,
    held: campaign.wasHeld,
    outcome: outcome.status,
    until: outcome.status === "banned" ? isoTime(outcome.untilEpochMs) : undefined,
    spared: outcome.status === "spared" ? outcome.reason : undefined,
    emitter_sources: emitter?.sources,
    emitter_real: emitter?.real.map(({ source }) => formatPrefix(source)).join(","),
    emitter_silent: emitter?.silent.map(formatPrefix).join(","),
  };
}

/** What made packets of a kind that any client's are. */
function formatTool(tool: Tool): string {
  return tool === "connect" ? "an ordinary TCP stack" : tool;
}

/** "SYN, FIN, by nmap"; a completed connection begins with a SYN, and is not told as one besides. */
export function formatHow(by: {
  readonly kinds: readonly ProbeKind[];
  readonly tool: Tool | undefined;
}): string {
  const { kinds, tool } = by;
  const isConnect = kinds.includes("tcp-connect");
  const told = kinds.filter((kind) => kind !== "tcp-syn" || !isConnect);
  return `${told.map(formatKind).join(", ")}${tool === undefined ? "" : `, by ${formatTool(tool)}`}`;
}

function formatWithin(of: Pick<Campaign, "firstAtEpochMs" | "lastAtEpochMs">): string {
  return formatSpan(Math.max(1000, of.lastAtEpochMs - of.firstAtEpochMs));
}

/** @returns "tcp 22-23, 80; udp 53", and how many ports there are beside the named ranges. */
export function formatCampaignPorts(
  { ports, portCount }: Pick<Campaign, "ports" | "portCount">,
  most = MAX_TOLD_PORTS,
): string {
  let left = most;
  let told = 0;
  const parts = ports.flatMap(({ transport, ranges }) => {
    const shown = ranges.slice(0, left);
    left -= shown.length;
    told += shown.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    const texts = shown.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
    return texts.length === 0 ? [] : [`${transport} ${texts.join(", ")}`];
  });
  const more = portCount.count - told;
  const beyond = portCount.isAtLeast ? (more > 0 ? ` and at least ${more} more` : " and more") : "";
  return `${parts.join("; ")}${more > 0 && beyond === "" ? ` and ${more} more` : beyond}`;
}

/** "4 ports and 3 protocols on 2 addresses"; "3 addresses" where they were pinged alone. */
function formatWhat({ ports, portCount, destinations }: Campaign): string {
  const many = (protocol: ProbedProtocol) =>
    ports
      .filter(({ transport }) => transport === protocol)
      .flatMap(({ ranges }) => ranges)
      .reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const protocols = many("ip");
  const own = { ...portCount, count: portCount.count - protocols - many("icmp") };
  const sweep = destinations.count < SWEEP_DESTINATIONS ? "" : " (a sweep)";
  const addresses = `${formatCount(destinations, "address", "addresses")}${sweep}`;
  const touched = [
    ...(own.count > 0 ? [formatCount(own, "port")] : []),
    ...(protocols > 0 ? [counted(protocols, "protocol")] : []),
  ].join(" and ");
  if (touched === "") return addresses;
  return destinations.count < 2 ? touched : `${touched} on ${addresses}`;
}

/** @returns "held, banned until …"; "" where nothing was done about what is no scan. */
export function formatOutcome({
  wasHeld,
  outcome,
  verdict,
}: Pick<Campaign, "wasHeld" | "outcome" | "verdict">): string {
  const done = formatDone(outcome, verdict === "scan");
  return [...(wasHeld ? ["held"] : []), ...(done === "" ? [] : [done])].join(", ");
}

function formatDone(outcome: CampaignOutcome, isScan: boolean): string {
  switch (outcome.status) {
    case "none":
      return isScan ? "not banned" : "";
    case "banned": {
      const until = isoTime(outcome.untilEpochMs);
      return until === undefined
        ? "banned for good"
        : `banned until ${until.slice(0, 19).replace("T", " ")} UTC`;
    }
    case "unbanned":
      return "banned, and let in again";
    case "spared":
      return `spared: ${outcome.text.replace(/\.$/, "")}`;
    case "failed":
      return `not banned: ${outcome.text}`;
  }
}

function formatCount({ count, isAtLeast }: BoundedCount, one: string, many?: string): string {
  return `${isAtLeast ? "at least " : ""}${counted(count, one, many)}`;
}

function isoTime(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString();
}
