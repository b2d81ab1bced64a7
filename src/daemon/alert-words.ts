/** What an alert says of a campaign, a group of them, or a health problem. */
import type { Alert } from "../alerts/alert.ts";
import type { AlertKind } from "../model/alert-kind.ts";
import type { Campaign, CampaignGroup } from "../model/campaign.ts";
import type { HealthProblem } from "../model/health.ts";
import { formatPrefix } from "../net/prefix.ts";
import {
  formatCampaignPorts,
  formatConviction,
  formatGroup,
  formatOpening,
  formatOutcome,
  formatStory,
  groupFields,
} from "./campaign-lines.ts";
import { campaignView } from "./story-views.ts";

/** Of what becomes of a campaign people may be alerted of these. */
export type AlertedChange = Extract<AlertKind, "opened" | "convicted" | "closed">;

const TITLES = { opened: "Probes by", convicted: "Scan by", closed: "Scan is over:" } as const;

export function campaignAlert(change: AlertedChange, campaign: Campaign, atEpochMs: number): Alert {
  const { id, source, packets, portCount, tool, evidence, outcome, reason } = campaign;
  const view = campaignView({ campaign, isOver: change === "closed" });
  return {
    kind: change,
    severity: "notice",
    atEpochMs,
    title: `${TITLES[change]} ${formatPrefix(source)}`,
    text: formatCampaign(change, campaign),
    facts: {
      address: formatPrefix(source),
      ports: formatCampaignPorts(campaign),
      port_count: portCount.count,
      packets,
      evidence,
      outcome: outcome.status,
      campaign: id,
      ...(tool === undefined ? {} : { tool }),
      ...(view.until === null ? {} : { until: view.until }),
      ...(reason === undefined ? {} : { reason }),
    },
    details: { campaign: view },
  };
}

function formatCampaign(change: AlertedChange, campaign: Campaign): string {
  switch (change) {
    case "opened":
      return formatOpening(campaign);
    case "convicted": {
      const done = formatOutcome({ ...campaign, verdict: "scan" });
      return `${formatConviction(campaign)}; ${done}`;
    }
    case "closed":
      return formatStory(campaign);
  }
}

export function groupAlert(change: AlertedChange, group: CampaignGroup, atEpochMs: number): Alert {
  const { prefix, packets, portCount, tool, evidence } = group;
  return {
    kind: change,
    severity: "notice",
    atEpochMs,
    title: `${TITLES[change]} several addresses of ${prefix}`,
    text: formatGroup(group, change === "closed"),
    facts: {
      address: prefix,
      ports: formatCampaignPorts(group),
      port_count: portCount.count,
      packets,
      evidence,
      ...(tool === undefined ? {} : { tool }),
    },
    details: { group: groupFields(group) },
  };
}

export function healthAlert(
  { code, severity, text, action }: HealthProblem,
  change: "raised" | "cleared",
  atEpochMs: number,
): Alert {
  const isOver = change === "cleared";
  return {
    kind: "health",
    severity: isOver ? "notice" : severity,
    atEpochMs,
    title: isOver ? `Over: ${code}` : `${severity}: ${code}`,
    text: isOver ? `It is over: ${text}` : `${text} ${action}`,
    facts: { reason: code },
    details: { health: { code, severity, change, text, action } },
  };
}

/** Lines that a summary lists. */
const MAX_LISTED = 50;

/** @param uncounted so many more, of which nothing is known any more. */
export function summaryAlert(
  alerts: readonly Alert[],
  uncounted: number,
  title: string,
  atEpochMs: number,
): Alert {
  const listed = alerts.slice(0, MAX_LISTED);
  const count = alerts.length + uncounted;
  const more = count - listed.length;
  const lines = listed.map(({ atEpochMs: at, text }) => `${new Date(at).toISOString()} ${text}`);
  const rest = more > 0 ? [`${more} more: vedette campaigns, vedette history`] : [];
  return {
    kind: "summary",
    severity: "notice",
    atEpochMs,
    title,
    text: [...lines, ...rest].join("\n"),
    facts: { count },
    details: {
      alerts: listed.map(({ kind, title: each, text, facts }) => ({
        kind,
        title: each,
        text,
        address: facts.address ?? null,
      })),
    },
  };
}
