/** The gate: packets of banned sources end before connection tracking and before any DNAT. */
import { tellReplies } from "./table-answers.ts";
import type { Chain } from "./table-chain.ts";
import { tellDrop } from "./table-drops.ts";
import { askListed } from "./table-listed.ts";
import type { TableOptions } from "./table-options.ts";
import type { SourceKeys } from "./table-source-keys.ts";

/** From the hook to the drop. */
export function gateChains(options: TableOptions, keys: SourceKeys): Chain[] {
  return [
    {
      name: "gate",
      hook: "type filter hook prerouting priority raw; policy accept;",
      rules: options.enforcesBans
        ? [
            "# One lookup in a hash for ordinary traffic; a ban covers the host and its containers.",
            "meta nfproto ipv6 goto gate6",
            "ip saddr @banned4 goto shut",
            "ip saddr @bannet4 goto shut",
            ...askListed(options, 4),
          ]
        : [],
    },
    {
      name: "gate6",
      rules: [
        ...(keys.single === undefined ? [] : [`${keys.ipv6.expression} @banned6 goto shut6`]),
        "ip6 saddr @banned6 goto shut",
        "ip6 saddr @bannet6 goto shut",
        ...askListed(options, 6),
      ],
    },
    {
      name: "shut6",
      rules: [
        "# A ban of more than one source covers everybody in it, shared /64s too.",
        "ip6 saddr @bannet6 goto shut",
        "# Where many people share a /64, a neighbour that has its first address is not the others.",
        "ip6 saddr @single6 ip6 saddr != @banned6 accept",
        "goto shut",
      ],
    },
    {
      name: "shut",
      rules: [
        "# Trust is asked where a ban has caught something: ordinary packets do not pay for it.",
        'ip saddr @trusted4 counter name "trusted" accept',
        'ip6 saddr @trusted6 counter name "trusted" accept',
        ...tellReplies(options),
        ...tellDrop(options),
        'counter name "shut_out" drop',
      ],
    },
  ];
}
