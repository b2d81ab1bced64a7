/**
 * From a packet to this machine to the finding that it is a probe, or to a held source's refusal.
 *
 * Every packet comes here, so that what is no probe leaves as early as possible. No conntrack: one
 * rule with `ct state` would switch connection tracking on for the whole machine. IPv6 extension
 * headers hide nothing here: nftables finds transport and ports behind them.
 */
import { tellReplies } from "./table-answers.ts";
import type { Chain } from "./table-chain.ts";
import { tellDrop } from "./table-drops.ts";
import type { TableOptions } from "./table-options.ts";
import { senseOther } from "./table-other.ts";
import { hidesServices, openPorts } from "./table-phantom.ts";
import { TELL_SERVED } from "./table-served.ts";
import { elsewhere, formatElements } from "./table-sets.ts";
import type { SourceKeys } from "./table-source-keys.ts";

/** Priority of the chains that sense; what drops at input before them is never seen. */
export const SENSE_PRIORITY = -10;

/** From the hooks to `probe`, and from there to the family's chain. */
export function senseChains(options: TableOptions, keys: SourceKeys): Chain[] {
  const holds = options.holdAfter !== "off";
  const refused = (chain: "refuse" | "bait") => [
    `ip saddr @held4 goto ${chain}`,
    `ip6 saddr @held6 goto ${chain}`,
    ...(keys.single === undefined ? [] : [`${keys.ipv6.expression} @held6 goto ${chain}6`]),
  ];
  const asks = options.challengeRate > 0;
  // A reset may bear ACK: it must not leave as a segment of a running connection.
  const bits = asks ? "(syn|rst|ack)" : "(syn|ack)";
  const passed = options.sensesAck ? "goto ack_in" : "accept";
  const told = (transport: "tcp" | "udp", rule: string) =>
    options.told[transport].size > 0 ? [rule] : [];
  return [
    {
      name: "sense",
      hook: `type filter hook input priority ${SENSE_PRIORITY}; policy accept;`,
      rules: [
        "# The cheap path: segments of running connections leave here.",
        `tcp flags & ${bits} == ack ${openPorts(options) === undefined ? passed : "goto said"}`,
        "meta l4proto tcp goto tcp_in",
        "# Not wildcard: that breaks on TIME_WAIT sockets and makes clients look like scanners.",
        ...told("udp", `meta l4proto udp ${TELL_SERVED}`),
        "meta l4proto udp socket transparent <= 1 accept",
        "meta l4proto udp goto udp_in",
        ...senseOther(options),
      ],
    },
    ...(options.sensesAck ? [ackChain(options)] : []),
    {
      name: "tcp_in",
      rules: [
        "# SYN+ACK and RST are somebody's answer, never evidence: the stack resets late ones.",
        "tcp flags & (fin|syn|rst|ack) == syn goto syn_in",
        "tcp flags & (fin|syn|rst|ack) == syn|ack accept",
        ...tellReplies(options),
        "tcp flags & rst == rst accept",
        ...told("tcp", TELL_SERVED),
        "socket transparent <= 1 accept",
        "jump probe",
      ],
    },
    {
      name: "syn_in",
      rules: [
        ...told("tcp", TELL_SERVED),
        "# A client of 127.0.0.1 must not make a port look served from outside.",
        options.sensesLoopback ? "iif lo socket transparent <= 1 accept" : "iif lo accept",
        "socket transparent <= 1 goto door",
        "jump probe",
      ],
    },
    {
      name: "door",
      rules: [
        ...(holds
          ? [
              "# Held: no new connection to a real service, running ones live on.",
              ...refused(hidesServices(options) ? "bait" : "refuse"),
            ]
          : []),
        "# What is served is remembered for the time after a restart of the service.",
        "ip daddr . tcp dport @fresh4 accept",
        "ip6 daddr . tcp dport @fresh6 accept",
        ...remember(4, options.graceSeconds),
        ...remember(6, options.graceSeconds),
        "accept",
      ],
    },
    {
      name: "refuse6",
      rules: ["ip6 saddr @single6 accept", "goto refuse"],
    },
    {
      name: "refuse",
      rules: [
        'ip saddr @trusted4 counter name "trusted" accept',
        'ip6 saddr @trusted6 counter name "trusted" accept',
        ...tellDrop(options),
        "# As closed ports answer, or the real ones would be those that differ.",
        looksClosed(options)
          ? 'meta l4proto tcp counter name "refused" reject with tcp reset'
          : 'counter name "refused" drop',
      ],
    },
    {
      name: "published",
      hook: `type filter hook forward priority ${SENSE_PRIORITY}; policy accept;`,
      rules: holds
        ? [
            "# Ports that DNAT publishes, as Docker does it, are real services too.",
            "meta l4proto != tcp accept",
            "tcp flags & (fin|syn|rst|ack) != syn accept",
            ...refused("refuse"),
          ]
        : [],
    },
    {
      name: "udp_in",
      rules: [
        ...(options.udpListed.size > 0
          ? [`udp dport { ${formatElements(options.udpListed)} } goto udp_listed`]
          : []),
        "# Late answers to what this machine asked: from a server's port, or to an ephemeral port.",
        "udp sport < 1024 udp dport >= 1024 accept",
        `udp dport ${options.ephemeral.first}-${options.ephemeral.last} accept`,
        "jump probe",
      ],
    },
    {
      name: "udp_listed",
      rules: [
        "# Nobody asks from a port below 1024, so that a forged source port hides no scan of them.",
        "udp sport { 53, 123, 443 } udp dport >= 1024 accept",
        "jump probe",
      ],
    },
    {
      name: "probe",
      rules: [
        "# Nobody serves this port. Ours, broadcast, multicast, excluded or unwatched: no probe.",
        ...(options.sensesLoopback ? [] : ["iif lo accept"]),
        ...elsewhere(options),
        "fib daddr type != local accept",
        "meta l4proto . th dport @excluded accept",
        ...unwatched("tcp", options),
        ...unwatched("udp", options),
        "meta nfproto ipv6 goto probe6",
        "goto probe4",
      ],
    },
  ];
}

/**
 * Segments with ACK and without SYN: an ACK scan, or somebody's running or ended connection.
 *
 * Sockets are asked first, TIME_WAIT among them, so that a running connection costs one look-up.
 * What has ended is told from a scan by what no scan sends (data), by where it comes to (a port
 * that was served, in `probe4` and `probe6`, or one that this machine has asked from), and not at
 * all where a connection outlives that: a client of a service that has gone for longer than
 * `graceSeconds`, or of another machine that had our address.
 */
function ackChain({ ephemeral }: TableOptions): Chain {
  return {
    name: "ack_in",
    rules: [
      "# A running connection has its socket, and one that has just ended its TIME_WAIT.",
      "socket transparent <= 1 accept",
      "# Somebody's answer, or data for a connection that has ended: no scan looks like that.",
      "tcp flags & rst == rst accept",
      "tcp flags & (psh|urg) == psh accept",
      "# Late segments of connections that this machine has opened.",
      `tcp dport ${ephemeral.first}-${ephemeral.last} accept`,
      "jump probe",
    ],
  };
}

/** @returns the rules that write a served port into the sets of one family. */
function remember(version: 4 | 6, graceSeconds: number): string[] {
  const destination = version === 4 ? "ip daddr" : "ip6 daddr";
  return [
    `add @fresh${version} { ${destination} . tcp dport timeout 30s }`,
    `update @served${version} { meta l4proto . ${destination} . tcp dport timeout ${graceSeconds + 30}s }`,
  ];
}

/** Whether a SYN to an unused port is answered as without a guard. */
function looksClosed({ answer, onlyWatched }: TableOptions): boolean {
  return answer !== "drop" || onlyWatched.tcp;
}

/** @returns the rule that lets unwatched ports of `transport` pass; none when all are watched. */
function unwatched(transport: "tcp" | "udp", options: TableOptions): string[] {
  const ports = options.watched[transport];
  if (ports.size >= 65_535) return [];
  if (ports.size === 0) return [`meta l4proto ${transport} accept`];
  return [`${transport} dport != { ${formatElements(ports)} } accept`];
}
