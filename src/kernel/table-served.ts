/**
 * Telling of packets to listed ports that a service has: PortSentry 2.x's -S.
 *
 * The chain is jumped to where a socket was found and always returns, so that nothing else comes of
 * it: no suspicion, no hold, no drop, no changed answer. Whoever makes many connections makes as
 * many log messages, bounded by `nflogRate`; the rest is counted in `unlogged`.
 */
import type { Chain } from "./table-chain.ts";
import { encodeLog } from "./table-log.ts";
import type { TableOptions } from "./table-options.ts";
import { formatElements } from "./table-sets.ts";

/** The rule before any that asks what becomes of a packet for which there is a socket. */
export const TELL_SERVED = "socket transparent <= 1 jump served";

/** @returns no chain when no such packet is to be told. */
export function servedChains(options: TableOptions): Chain[] {
  const { sensesLoopback, interfaces, told, ephemeral } = options;
  if (told.tcp.size + told.udp.size === 0) return [];
  const unlisted = (["tcp", "udp"] as const).map((transport) =>
    told[transport].size === 0
      ? `meta l4proto ${transport} return`
      : `${transport} dport != { ${formatElements(told[transport])} } return`,
  );
  // What this machine sends to itself is told although it is trusted.
  const fromElsewhere = sensesLoopback ? "iif != lo " : "";
  return [
    {
      name: "served",
      rules: [
        "# A service has this port. Told where it is listed, and left alone in any case.",
        ...(sensesLoopback ? [] : ["iif lo return"]),
        ...(interfaces.length === 0
          ? []
          : [`iifname != { ${interfaces.map((name) => `"${name}"`).join(", ")} } return`]),
        "frag frag-off > 0 return",
        ...unlisted,
        "# Answers to what this machine asked, and broadcasts.",
        "udp sport { 53, 123, 443 } udp dport >= 1024 return",
        `udp dport ${ephemeral.first}-${ephemeral.last} return`,
        "fib daddr type != local return",
        "meta l4proto . th dport @excluded return",
        `${fromElsewhere}ip saddr @trusted4 counter name "trusted" return`,
        `${fromElsewhere}ip6 saddr @trusted6 counter name "trusted" return`,
        `${encodeLog("probe", options)} return`,
        'counter name "unlogged" return',
      ],
    },
  ];
}
