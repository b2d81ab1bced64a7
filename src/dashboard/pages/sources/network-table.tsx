/** Networks by their probes; each leads to its campaigns. */
import type { SourcesView } from "../../../api/contract.ts";
import { formatAgo, formatCount, formatFullTime, formatShare, formatShort } from "../../format.ts";
import { now } from "../../live.ts";
import { printable } from "../../printable.ts";
import { pageLink } from "../../routes.ts";
import { useCell } from "../../use-cell.ts";
import type { Span } from "./span.ts";

type Network = SourcesView["networks"][number];

export interface NetworkTableProps {
  readonly networks: readonly Network[];
  /** Of all campaigns of the span. */
  readonly probes: number;
  readonly span: Span;
}

export function NetworkTable({ networks, probes, span }: NetworkTableProps) {
  const most = networks[0]?.probes ?? 1;
  return (
    <table class="rows networks">
      <caption class="hidden">Networks, the most probes first</caption>
      <thead>
        <tr>
          <th scope="col">Network</th>
          <th scope="col">Probes</th>
          <th scope="col" class="number">
            Sources
          </th>
          <th scope="col" class="number">
            Scans
          </th>
          <th scope="col" class="number">
            Banned
          </th>
          <th scope="col" class="number">
            Last probe
          </th>
        </tr>
      </thead>
      <tbody onKeyDown={walk}>
        {networks.map((network) => (
          <Row key={network.address} network={network} most={most} probes={probes} span={span} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps extends Omit<NetworkTableProps, "networks"> {
  readonly network: Network;
  /** Probes of the first network. */
  readonly most: number;
}

function Row({ network, most, probes, span }: RowProps) {
  const nowMs = useCell(now);
  const { address, sources, campaigns, probes: own, scans, banned, last, country, asn } = network;
  return (
    <tr>
      <th scope="row">
        <a class="address" href={pageLink("campaigns", { address, since: span.since })}>
          {printable(address)}
        </a>
        <span class="place">{placeOf(country, asn)}</span>
      </th>
      <td class="share">
        <span title={formatCount(own)}>{formatShort(own)}</span>
        <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect class="whole" width="100" height="1" />
          <rect width={Math.max(0.6, (own / most) * 100)} height="1" />
        </svg>
        <span class="faint">{formatShare(own, probes)}</span>
      </td>
      <td class="number of-sources">{formatShort(sources)}</td>
      <td class="number of-scans" title={`of ${formatCount(campaigns)} campaigns`}>
        {formatShort(scans)}
      </td>
      <td class={`number of-bans ${banned > 0 ? "is-banned" : "faint"}`}>{formatShort(banned)}</td>
      <td class="number dim of-last">
        <time dateTime={last} title={formatFullTime(last)}>
          {formatAgo(Date.parse(last), nowMs)}
        </time>
      </td>
    </tr>
  );
}

/** "NL AS64500"; what no file knows is left out. */
function placeOf(country: Network["country"], asn: Network["asn"]): string {
  return [country, asn == null ? undefined : `AS${asn}`].filter((each) => each != null).join(" ");
}

/** Up and down go from row to row, as in the lists. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("a")];
  const next = links[links.indexOf(document.activeElement as HTMLElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
