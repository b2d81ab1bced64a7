/** The campaigns that go on, or have just gone on. */
import type { CampaignView } from "../../../api/contract.ts";
import { formatAgo, formatPackets, formatPorts } from "../../format.ts";
import { now } from "../../live.ts";
import { Address } from "../../parts/address.tsx";
import { CampaignState } from "../../parts/campaign-state.tsx";
import { EvidenceBadge } from "../../parts/evidence-badge.tsx";
import { Empty, Unknown } from "../../parts/panel.tsx";
import { useCell } from "../../use-cell.ts";

/** Rows at once; the page of campaigns has all. */
const MOST = 40;

interface UnderWayProps {
  readonly campaigns: readonly CampaignView[];
  /** Whether there are no others than those. */
  readonly isKnown: boolean;
}

export function UnderWay({ campaigns, isKnown }: UnderWayProps) {
  const nowMs = useCell(now);
  const shown = campaigns.filter(({ over }) => !over).slice(0, MOST);
  if (shown.length === 0 && !isKnown) return <Unknown />;
  if (shown.length === 0) return <Empty>Nobody scans this machine now.</Empty>;
  return (
    <ol class="under-way" aria-label="Scans under way">
      {shown.map((campaign) => (
        <li key={campaign.id}>
          <Address address={campaign.address} />
          <CampaignState campaign={campaign} />
          <span class="ago">{formatAgo(Date.parse(campaign.last), nowMs)}</span>
          <span class="ports dim">{formatPorts(campaign)}</span>
          <span class="packets dim">{formatPackets(campaign.packets)}</span>
          <span class="tool dim">{campaign.tool ?? ""}</span>
          <EvidenceBadge evidence={campaign.evidence} />
        </li>
      ))}
    </ol>
  );
}
