/** The numbers that say at a glance how it is. */
import type { ComponentChildren } from "preact";
import type { LiveEvent, StatusView } from "../../../api/contract.ts";
import { formatRate, formatShort } from "../../format.ts";
import { pageLink } from "../../routes.ts";

interface FiguresProps {
  readonly status: StatusView;
  readonly rates: Extract<LiveEvent, { kind: "status" }>["rates"];
}

export function Figures({ status, rates }: FiguresProps) {
  const rate = (value: number | undefined) => (value === undefined ? "–" : formatRate(value));
  return (
    <dl class="figures" aria-label="Now">
      <Figure name="Probes a second" value={rate(rates?.probes_per_second)}>
        {formatShort(status.probes)} since the start
      </Figure>
      <Figure
        name="Scans under way"
        value={formatShort(status.campaigns)}
        link={pageLink("campaigns")}
      >
        {formatShort(status.verdicts)} convicted since the start
      </Figure>
      <Figure
        name="Held now"
        value={formatShort(status.held)}
        tone={status.held > 0 ? "amber" : ""}
      >
        {formatShort(status.holds)} holds in all
      </Figure>
      <Figure
        name="Banned now"
        value={formatShort(status.banned)}
        tone={status.banned > 0 ? "red" : ""}
        link={pageLink("bans")}
      >
        {formatShort(status.tracked)} sources remembered
      </Figure>
      <Figure name="Dropped a second" value={rate(rates?.dropped_per_second)}>
        {formatShort(status.dropped)} packets in all
      </Figure>
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly tone?: "amber" | "red" | "";
  readonly link?: string;
  readonly children: ComponentChildren;
}

function Figure({ name, value, tone = "", link, children }: FigureProps) {
  return (
    <div class="figure">
      <dt>{link === undefined ? name : <a href={link}>{name}</a>}</dt>
      <dd class={`figure-value ${tone && `is-${tone}`}`}>{value}</dd>
      <dd class="figure-note">{children}</dd>
    </div>
  );
}
