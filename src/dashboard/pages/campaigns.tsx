/** Scans and what else came to unused ports: any number of them, the latest probe first. */

import { useEffect } from "preact/hooks";
import type { CampaignView, ListedCampaignView } from "../../api/contract.ts";
import { formatAgo, formatFullTime, formatPorts, formatShort } from "../format.ts";
import { live, now } from "../live.ts";
import { Address } from "../parts/address.tsx";
import { CampaignState } from "../parts/campaign-state.tsx";
import { EvidenceBadge } from "../parts/evidence-badge.tsx";
import { Empty, Unanswered } from "../parts/panel.tsx";
import { Segments } from "../parts/segments.tsx";
import { VirtualList } from "../parts/virtual-list.tsx";
import { printable } from "../printable.ts";
import { replaceRoute } from "../router.ts";
import { pageLink, sourceLink } from "../routes.ts";
import { useCell } from "../use-cell.ts";
import { usePages } from "../use-pages.ts";
import { type Filter, filterOf, queryOf, SINCE_NAMES, VERDICT_NAMES } from "./campaigns/filter.ts";

const COLUMNS = ["Source", "Ports", "Tool", "Packets", "Evidence", "State", "Last probe"];

const keyOf = ({ id }: ListedCampaignView): string => id;
const cursorOf = ({ cursor }: ListedCampaignView): string => cursor;
const asQuery = (query: Readonly<Record<string, string>>, nowMs: number) =>
  queryOf(filterOf(query), nowMs);
const keep = (campaign: ListedCampaignView): ListedCampaignView => campaign;

export function CampaignsPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { campaigns: changed, count, bansTurn } = useCell(live);
  const nowMs = useCell(now);
  const filter = filterOf(query);
  // Whatever is told of a campaign or of what was done about one.
  const turn = turnOf(changed) + count + bansTurn;
  const path = "/v1/campaigns";
  const campaigns = usePages({ path, query: { ...filter }, asQuery, keyOf, cursorOf, keep, turn });
  const { rows, isLoaded, isWhole, problem, askNow, more, drop } = campaigns;
  const { since: start = "" } = queryOf(filter, minuteOf(nowMs));
  useEffect(() => drop(({ last }) => last < start), [drop, start]);
  const choose = (part: Partial<Filter>): void =>
    replaceRoute(pageLink("campaigns", { ...filter, ...part }));
  return (
    <div class="list-page">
      <div class="tools">
        <Segments
          label="Verdict"
          chosen={filter.verdict}
          choices={VERDICT_NAMES}
          onChoose={(verdict) => choose({ verdict })}
        />
        <Segments
          label="Since"
          chosen={filter.since}
          choices={SINCE_NAMES}
          onChoose={(since) => choose({ since })}
        />
        <AddressFilter value={filter.address} onChoose={(address) => choose({ address })} />
      </div>
      {problem !== undefined && rows.length === 0 && (
        <Unanswered problem={problem} onAskNow={askNow} />
      )}
      {isLoaded && problem === undefined && rows.length === 0 && (
        <Empty>Nothing of that kind.</Empty>
      )}
      {rows.length > 0 && (
        <VirtualList
          label="Campaigns"
          class="campaigns-list"
          columns={COLUMNS}
          rows={rows}
          total={isWhole ? rows.length : undefined}
          keyOf={keyOf}
          onOpen={({ address }) => {
            location.hash = sourceLink(address);
          }}
          onNearEnd={more}
          cells={(campaign) => [
            <Address address={campaign.address} />,
            <span title={printable(campaign.story)}>{formatPorts(campaign, 6)}</span>,
            campaign.tool ?? "",
            formatShort(campaign.packets),
            <EvidenceBadge evidence={campaign.evidence} />,
            <CampaignState campaign={campaign} />,
            <time dateTime={campaign.last} title={formatFullTime(campaign.last)}>
              {!campaign.over && <i class="pulse" title="It goes on" />}
              {formatAgo(Date.parse(campaign.last), nowMs)}
            </time>,
          ]}
        />
      )}
    </div>
  );
}

interface AddressFilterProps {
  readonly value: string;
  readonly onChoose: (address: string) => void;
}

function AddressFilter({ value, onChoose }: AddressFilterProps) {
  return (
    <input
      key={value}
      type="text"
      class="filter"
      maxLength={100}
      autocomplete="off"
      spellcheck={false}
      placeholder="Address or prefix"
      aria-label="Only of this address or prefix"
      defaultValue={value}
      onChange={(event) => onChoose(event.currentTarget.value.trim())}
    />
  );
}

/** Another number whenever a campaign was told to have changed. */
function turnOf(campaigns: readonly CampaignView[]): number {
  return campaigns.reduce((sum, { packets }) => sum + packets + 1, 0);
}

/** When a row falls out of the span is looked at once a minute. */
function minuteOf(nowMs: number): number {
  return Math.floor(nowMs / 60_000) * 60_000;
}
