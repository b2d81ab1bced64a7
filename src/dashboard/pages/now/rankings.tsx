/** Who is first: ports by probes, tools by scans. */
import type { ActivityView, CampaignView } from "../../../api/contract.ts";
import { formatShort } from "../../format.ts";
import { EvidenceBadge } from "../../parts/evidence-badge.tsx";
import { Empty, Unknown } from "../../parts/panel.tsx";
import { serviceOf } from "../../services.ts";

/** Rows of a ranking on the first page. */
const MOST = 8;

interface BusyPortsProps extends Pick<ActivityView, "ports"> {
  /** How many are shown. Default 8. */
  readonly most?: number;
}

export function BusyPorts({ ports, most: rows = MOST }: BusyPortsProps) {
  if (ports.length === 0) return <Empty>No port was probed.</Empty>;
  const most = ports[0]?.probes ?? 1;
  return (
    <ol class="ranking">
      {ports.slice(0, rows).map(({ transport, port, probes }) => (
        <li key={`${transport}${port}`}>
          <Bar part={probes / most} />
          <span>
            <span class="faint">{transport}</span> <b>{port}</b>{" "}
            <span class="dim">{serviceOf(transport, port)}</span>
          </span>
          <span class="number">{formatShort(probes)}</span>
        </li>
      ))}
    </ol>
  );
}

export function Tools({ tools }: Pick<ActivityView, "tools">) {
  if (tools.length === 0) return <Empty>No scan in the last hour.</Empty>;
  const most = tools[0]?.verdicts ?? 1;
  return (
    <ol class="ranking">
      {tools.slice(0, MOST).map(({ tool, verdicts }) => (
        <li key={tool}>
          <Bar part={verdicts / most} />
          <span class={tool === null ? "dim" : undefined}>{tool ?? "not known"}</span>
          <span class="number">{formatShort(verdicts)}</span>
        </li>
      ))}
    </ol>
  );
}

interface EvidenceLevelsProps {
  readonly campaigns: readonly CampaignView[];
  /** Whether there are no others than those. */
  readonly isKnown: boolean;
}

/** How sure it is of the campaigns that are known here who sent them. */
export function EvidenceLevels({ campaigns, isKnown }: EvidenceLevelsProps) {
  const levels = (["proven", "alive", "claimed"] as const).map((evidence) => ({
    evidence,
    count: campaigns.filter((each) => each.evidence === evidence).length,
  }));
  if (campaigns.length === 0 && !isKnown) return <Unknown />;
  if (campaigns.length === 0) return <Empty>No campaign is known.</Empty>;
  return (
    <ol class="ranking">
      {levels.map(({ evidence, count }) => (
        <li key={evidence}>
          <Bar part={count / campaigns.length} />
          <EvidenceBadge evidence={evidence} />
          <span class="number">{formatShort(count)}</span>
        </li>
      ))}
    </ol>
  );
}

/** Drawn and not styled: the page's policy lets no style stand in its text. */
function Bar({ part }: { readonly part: number }) {
  return (
    <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect width={part === 0 ? 0 : Math.max(1, part * 100)} height="1" />
    </svg>
  );
}
