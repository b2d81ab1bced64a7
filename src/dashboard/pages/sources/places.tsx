/** Where the sources of a span belong, as the operator's files of GEO_DB have it. */
import type { SourcesView } from "../../../api/contract.ts";
import { formatDay, formatShare, formatShort } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";
import { type Ranked, Ranking } from "../../parts/ranking.tsx";
import { printable } from "../../printable.ts";

/** Rows of each. */
const MOST = 12;

type PlacesProps = Pick<SourcesView, "countries" | "asns" | "databases" | "probes">;

/** Nothing where the guard has no such file. */
export function Places({ countries, asns, databases, probes }: PlacesProps) {
  if (countries === null && asns === null) return null;
  const note = databases
    .map(({ type, built }) => `${printable(type)} of ${formatDay(Date.parse(built))}`)
    .join(", ");
  const rowOf = (code: string | null, name: string | null, own: number): Ranked => ({
    key: code ?? "",
    name: <Place code={code} name={name} />,
    count: own,
    text: formatShort(own),
    note: formatShare(own, probes),
  });
  return (
    <div class="sources-places">
      {countries !== null && (
        <Panel title="Countries" note={note}>
          <Ranking
            rows={countries
              .slice(0, MOST)
              .map(({ country, name, probes: own }) => rowOf(country, name, own))}
          />
        </Panel>
      )}
      {asns !== null && (
        <Panel title="Autonomous systems" note={countries === null ? note : "probes"}>
          <Ranking
            rows={asns
              .slice(0, MOST)
              .map(({ asn, name, probes: own }) =>
                rowOf(asn === null ? null : `AS${asn}`, name, own),
              )}
          />
        </Panel>
      )}
    </div>
  );
}

interface PlaceProps {
  readonly code: string | null;
  readonly name: string | null;
}

function Place({ code, name }: PlaceProps) {
  if (code === null) return <span class="dim">not known</span>;
  return (
    <>
      {name === null ? "" : `${printable(name)} `}
      <span class="faint">{code}</span>
    </>
  );
}
