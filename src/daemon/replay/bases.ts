/** What a replay has taken for ours and for open: said by whoever asked, or inferred. */
import { type AddressWords, formatWords } from "../../net/address-words.ts";
import { formatPorts } from "../../net/port-range.ts";
import { formatPrefix } from "../../net/prefix.ts";
import type { PrefixSet } from "../../net/prefix-set.ts";
import { PROTOCOL_TCP } from "../../packet/spec.ts";
import type { OpenPorts } from "../../replay/own-machine.ts";
import type { PortHistory } from "../../replay/port-history.ts";

/** Addresses that are named; of those beyond, how many there are. */
const MAX_NAMED = 16;

/** One thing that a verdict rests on. */
export interface ReplayBasis {
  /** Whether it follows from the captures alone. */
  readonly inferred: boolean;
  /** For people: "192.0.2.1, 192.0.2.2 and 7 more", "tcp 22, 80; udp 53"; "" for none. */
  readonly what: string;
}

interface Known {
  readonly own: readonly AddressWords[];
  readonly ports: PortHistory;
  readonly ours: PrefixSet<unknown> | undefined;
  readonly open: OpenPorts | undefined;
}

/** @returns the addresses and the ports that were judged by. */
export function basesOf({ own, ports, ours, open }: Known): {
  readonly ours: ReplayBasis;
  readonly open: ReplayBasis;
} {
  const addresses =
    ours === undefined
      ? own.map(formatWords).sort()
      : [...ours].map(({ prefix }) => formatPrefix(prefix));
  return {
    ours: { inferred: ours === undefined, what: formatList(addresses) },
    open: {
      inferred: open === undefined,
      what: formatTransports(open ?? learnedOn(own, ports, ours)),
    },
  };
}

/** The ports of ours that were open at any time; others may have answered, too. */
function learnedOn(
  own: readonly AddressWords[],
  ports: PortHistory,
  ours: PrefixSet<unknown> | undefined,
): { readonly tcp: ReadonlySet<number>; readonly udp: ReadonlySet<number> } {
  const names = new Set<string>(own.map(formatWords));
  const open = { tcp: new Set<number>(), udp: new Set<number>() };
  for (const { address, protocol, port } of ports.everOpen()) {
    const isOurs =
      ours === undefined
        ? names.has(formatWords(address))
        : ours.coveringWords(address) !== undefined;
    if (isOurs) open[protocol === PROTOCOL_TCP ? "tcp" : "udp"].add(port);
  }
  return open;
}

function formatTransports(open: {
  readonly tcp: Iterable<number>;
  readonly udp: Iterable<number>;
}): string {
  return (["tcp", "udp"] as const)
    .map((transport) => ({ transport, ports: formatPorts(open[transport]) }))
    .filter(({ ports }) => ports !== "")
    .map(({ transport, ports }) => `${transport} ${ports.replaceAll(",", ", ")}`)
    .join("; ");
}

function formatList(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  const shown = names.slice(0, MAX_NAMED).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
