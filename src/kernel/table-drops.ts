/**
 * The report of what a ban or a hold drops, for BLOCK_LOG: a few packets of each source, before the
 * drop and in rules of its own.
 *
 * A shut-out sender decides how often it knocks. Its source has three packets a minute here, all
 * sources together ten a second; what is beyond is dropped all the same and not told. Whoever shuts
 * out more sources than the sets hold breaks the rule that counts them, and never the drop.
 */
import type { Chain } from "./table-chain.ts";
import { SNAP_BYTES } from "./table-log.ts";
import type { TableOptions } from "./table-options.ts";
import type { SourceKey, SourceKeys } from "./table-source-keys.ts";

/** How often a source is told: the kernel's own rule in PortSentry's sample has the same. */
const RATE_A_SOURCE = "3/minute burst 3 packets";

/** How often all are told: what a minute of BLOCK_LOG takes. */
const RATE_IN_ALL = "10/second burst 30 packets";

/** How long (s) a source is remembered after its last packet: its tokens are back by then. */
const KNOCK_SECONDS = 60;

/** @returns the rule that stands before a drop; none when nothing is told of it. */
export function tellDrop({ logsDrops }: TableOptions): string[] {
  return logsDrops ? ["jump knock"] : [];
}

/** Told or not, a packet goes back to where it came from and is dropped there. */
export function dropChains(options: TableOptions, keys: SourceKeys): Chain[] {
  if (!options.logsDrops) return [];
  const single =
    keys.single === undefined
      ? []
      : [`ip6 saddr @single6 ${count(keys.single)}`, `ip6 saddr != @single6 ${count(keys.ipv6)}`];
  return [
    {
      name: "knock",
      rules: [
        "# A rule of its own for each kind of source: a full set breaks the rule that it stands in.",
        count(keys.ipv4),
        ...(single.length > 0 ? single : [count(keys.ipv6)]),
      ],
    },
    {
      name: "report_drop",
      rules: [
        `limit rate ${RATE_IN_ALL} log prefix "drop" group ${options.nflogGroup} snaplen ${SNAP_BYTES} queue-threshold 64`,
      ],
    },
  ];
}

function count({ version, expression }: SourceKey): string {
  return `update @knock${version} { ${expression} timeout ${KNOCK_SECONDS}s limit rate ${RATE_A_SOURCE} } goto report_drop`;
}
