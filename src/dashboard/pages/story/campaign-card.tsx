/** One campaign: what was probed, how, and what became of it. */
import type { ComponentChildren } from "preact";
import type { CampaignView } from "../../../api/contract.ts";
import { counted, formatFullTime, formatPorts, formatScore, formatSpan } from "../../format.ts";
import { Address } from "../../parts/address.tsx";
import { CampaignState } from "../../parts/campaign-state.tsx";
import { EvidenceBadge } from "../../parts/evidence-badge.tsx";
import { printable } from "../../printable.ts";

/** Ranges of ports that are named here. */
const MOST_RANGES = 40;

export function CampaignCard({ campaign }: { readonly campaign: CampaignView }) {
  const { first, last, over, reason, score, kinds, tool, sender, outcome_text: why } = campaign;
  const seconds = (Date.parse(last) - Date.parse(first)) / 1000;
  return (
    <article class="campaign">
      <header>
        <time dateTime={first}>{formatFullTime(first)}</time>
        <CampaignState campaign={campaign} />
        <EvidenceBadge evidence={campaign.evidence} />
        <span class="faint at-end">{over ? "over" : "goes on"}</span>
      </header>
      {reason !== null && <p>{printable(reason)}</p>}
      {why !== null && <p class="dim">{printable(why)}</p>}
      <dl class="facts">
        <Fact name={counted(campaign.port_count, "port")}>
          {formatPorts(campaign, MOST_RANGES)}
        </Fact>
        <Fact name="Packets">
          {counted(campaign.packets, "packet")} within {formatSpan(Math.max(1, seconds))}
          {campaign.destinations > 1 && `, to ${campaign.destinations} of our addresses`}
        </Fact>
        <Fact name="How">
          {kinds.join(", ")}
          {tool !== null && `, looks like ${tool}`}
        </Fact>
        {score !== null && <Fact name="Score">{formatScore(score)} : 1 for a scanner</Fact>}
        {sender !== null && (
          <Fact name="Sender">
            {counted(sender.sources, "address", "addresses")}:{" "}
            {[...sender.real, ...sender.silent.slice(0, 12)].map((address) => (
              <span key={address} class="of-sender">
                <Address address={address} />
              </span>
            ))}
            {sender.silent.length > 12 && ` and ${sender.silent.length - 12} more`}
          </Fact>
        )}
      </dl>
    </article>
  );
}

interface FactProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

function Fact({ name, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
