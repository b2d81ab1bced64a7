/**
 * The kernel's part of the sentry: the one nftables table, as text.
 *
 * The kernel decides what a probe is, because only it knows without a race who is listening; user
 * space sees probes and nothing else. The text is one transaction that builds the table or replaces
 * its rules without a gap: chains are flushed and filled, sets stand. docs/table.nft is what the
 * defaults give, with the reason above each rule; a test holds the two together.
 *
 * What a hostile sender can do here: fill the sets that the kernel learns with forged addresses
 * (bounded by their sizes, counted in `full`; then holds are blind and the verdict is what is left),
 * name an innocent (held for `holdSeconds`, five times and then 36 times an hour), and make log
 * messages (bounded by `nflogRate`, the rest counted in `unlogged`).
 *
 * No conntrack: one rule with `ct state` would switch connection tracking on for the whole machine.
 */
import type { TableOptions } from "./table-options.ts";
import { buildSets, formatElements, TABLE } from "./table-sets.ts";

/** How long (s) a suspect stays one; `seen` outlives it, or a first port could count twice. */
const SUSPECT_SECONDS = 60;

/**
 * Holds that one source may get: this many at once, then so many an hour. Five of ten seconds and
 * the sixth after 100 s are a minute within any three.
 */
const HOLD_BURST = 5;
const HOLDS_AN_HOUR = 36;

/** Ports that one honest act touches together count once; the number is their key in `seen`. */
const PORT_FAMILIES = [
  { name: "mail", ports: "110, 143, 465, 587, 993, 995", key: "th dport & 0" },
  { name: "smb", ports: "139, 445", key: "th dport & 0 | 1" },
] as const;

/** One kind of source key: how it is read from the packet, and in which sets it is kept. */
interface SourceKey {
  /** Suffix of the chains. */
  readonly chain: "4" | "6" | "6_single";
  readonly version: 4 | 6;
  /** The nftables expression of the key. */
  readonly expression: string;
}

interface Chain {
  readonly name: string;
  /** The hook, for a base chain. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

/** "ffff:ffff:ffff:ffff::" for 64. */
function ipv6Mask(bits: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => {
    const ones = Math.min(16, Math.max(0, bits - index * 16));
    return ((0xffff << (16 - ones)) & 0xffff).toString(16);
  });
  const used = groups.findLastIndex((group) => group !== "0") + 1;
  return used === 8 ? groups.join(":") : `${groups.slice(0, used).join(":")}::`;
}

/** Packets of banned sources end before connection tracking and before any DNAT. */
function gateChains(options: TableOptions, keyed: boolean, prefixKey: string): Chain[] {
  const ban6 = keyed ? [`${prefixKey} @banned6 goto shut6`] : [];
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
          ]
        : [],
    },
    {
      name: "gate6",
      rules: [...ban6, "ip6 saddr @banned6 goto shut", "ip6 saddr @bannet6 goto shut"],
    },
    {
      name: "shut6",
      rules: [
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
        'counter name "shut_out" drop',
      ],
    },
  ];
}

/** Every packet to this machine: out again as early as possible when it is no probe. */
function senseChains(options: TableOptions, keyed: boolean, prefixKey: string): Chain[] {
  const holds = options.holdAfter !== "off";
  const elsewhere =
    options.interfaces.length > 0
      ? [`iifname != { ${options.interfaces.map((name) => `"${name}"`).join(", ")} } accept`]
      : [];
  const refused = [
    ...["ip saddr @held4 goto refuse"],
    ...["ip6 saddr @held6 goto refuse"],
    ...(keyed ? [`${prefixKey} @held6 goto refuse6`] : []),
  ];
  return [
    {
      name: "sense",
      hook: "type filter hook input priority -10; policy accept;",
      rules: [
        "# The cheap path: segments of running connections leave here.",
        "tcp flags & (syn|ack) == ack accept",
        "meta l4proto tcp goto tcp_in",
        "# Not wildcard: that breaks on TIME_WAIT sockets and makes clients look like scanners.",
        "meta l4proto udp socket transparent <= 1 accept",
        "meta l4proto udp goto udp_in",
      ],
    },
    {
      name: "tcp_in",
      rules: [
        "# SYN+ACK and RST are somebody's answer, never evidence: the stack resets late ones.",
        "tcp flags & (fin|syn|rst|ack) vmap { syn : goto syn_in, syn|ack : accept, rst : accept }",
        "tcp flags & rst == rst accept",
        "socket transparent <= 1 accept",
        "jump probe",
      ],
    },
    {
      name: "syn_in",
      rules: [
        "# A client of 127.0.0.1 must not make a port look served from outside.",
        "iif lo accept",
        "socket transparent <= 1 goto door",
        "jump probe",
      ],
    },
    {
      name: "door",
      rules: [
        ...(holds
          ? ["# Held: no new connection to a real service, running ones live on.", ...refused]
          : []),
        "# What is served is remembered for the time after a restart of the service.",
        "ip daddr . tcp dport @fresh4 accept",
        "ip6 daddr . tcp dport @fresh6 accept",
        ...([4, 6] as const).flatMap((version) => {
          const destination = version === 4 ? "ip daddr" : "ip6 daddr";
          return [
            `add @fresh${version} { ${destination} . tcp dport timeout 30s }`,
            `update @served${version} { meta l4proto . ${destination} . tcp dport timeout ${options.graceSeconds + 30}s }`,
          ];
        }),
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
        'counter name "refused" drop',
      ],
    },
    {
      name: "published",
      hook: "type filter hook forward priority -10; policy accept;",
      rules: holds
        ? [
            "# Ports that DNAT publishes, as Docker does it, are real services too.",
            "meta l4proto != tcp accept",
            "tcp flags & (fin|syn|rst|ack) != syn accept",
            ...refused,
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
      rules: ["udp sport { 53, 123, 443 } accept", "jump probe"],
    },
    {
      name: "probe",
      rules: [
        "# Nobody serves this port. Ours, broadcast, multicast, excluded or unwatched: no probe.",
        "iif lo accept",
        ...elsewhere,
        "fib daddr type != local accept",
        "meta l4proto . th dport @excluded accept",
        ...(["tcp", "udp"] as const).map((transport) => unwatched(transport, options)),
        "meta nfproto vmap { ipv4 : goto probe4, ipv6 : goto probe6 }",
      ].filter((rule) => rule !== ""),
    },
  ];
}

/** @returns the rule that lets unwatched ports of `transport` pass; "" when all are watched. */
function unwatched(transport: "tcp" | "udp", options: TableOptions): string {
  const ports = options.watched[transport];
  if (ports.size >= 65_535) return "";
  if (ports.size === 0) return `meta l4proto ${transport} accept`;
  return `${transport} dport != { ${formatElements(ports)} } accept`;
}

/** From a probe to suspicion and hold, for one kind of source key. */
function suspicionChains(key: SourceKey, options: TableOptions): Chain[] {
  const { chain, version, expression } = key;
  if (options.holdAfter === "off") return [];
  const first = (suffix: string, port: string): Chain => ({
    name: `first${chain}${suffix}`,
    rules: [
      "# The port that made it a suspect, again: one dead port never holds.",
      `${expression} . ${port} @seen${version} goto report`,
      `${expression} @suspect${version} goto hold${chain}`,
      `add @seen${version} { ${expression} . ${port} timeout ${SUSPECT_SECONDS + 1}s } add @suspect${version} { ${expression} timeout ${SUSPECT_SECONDS}s } goto report`,
      'counter name "full" goto report',
    ],
  });
  return [
    {
      name: `judge${chain}`,
      rules:
        options.holdAfter === 1
          ? [`goto hold${chain}`]
          : [
              ...(options.trapPorts.size > 0 ? [`tcp dport @traps goto hold${chain}`] : []),
              `${expression} @held${version} goto hold${chain}`,
              ...PORT_FAMILIES.map(
                ({ name, ports }) => `th dport { ${ports} } goto first${chain}_${name}`,
              ),
              `goto first${chain}`,
            ],
    },
    first("", "th dport"),
    ...PORT_FAMILIES.map((family) => first(`_${family.name}`, family.key)),
    {
      name: `hold${chain}`,
      rules: [
        `update @suspect${version} { ${expression} timeout ${SUSPECT_SECONDS}s }`,
        `${expression} @held${version} goto report`,
        "# A forger who names an innocent shuts it out for a minute, not for ever.",
        `update @budget${version} { ${expression} timeout 10m limit rate over ${HOLDS_AN_HOUR}/hour burst ${HOLD_BURST} packets } goto report`,
        "# Add, never update: no packet renews or shortens a hold. A rule of its own, because a full",
        "# set breaks the rule that it stands in.",
        `add @held${version} { ${expression} timeout ${options.holdSeconds}s } counter name "holds" goto report_hold`,
        'counter name "full" goto report',
      ],
    },
  ];
}

/** What the two families do with a probe, from its first rule to its report. */
function probeChains(options: TableOptions, keyed: boolean, prefixKey: string): Chain[] {
  const judge = (chain: string) =>
    options.holdAfter === "off" ? "goto report" : `goto judge${chain}`;
  const log = (prefix: string, rate: number, burst: number, verdict = "goto answer") =>
    `limit rate ${rate}/second burst ${burst} packets log prefix "${prefix}" group ${options.nflogGroup} snaplen 160 queue-threshold 64 ${verdict}`;
  const watch = (["tcp", "udp"] as const)
    .filter((transport) => options.onlyWatched[transport])
    .map((transport) => `meta l4proto ${transport} goto watch`);
  const single: SourceKey = { chain: "6_single", version: 6, expression: "ip6 saddr" };
  return [
    {
      name: "probe4",
      rules: [
        "meta l4proto . ip daddr . th dport @served4 accept",
        'ip saddr @trusted4 counter name "trusted" accept',
        ...watch,
        judge("4"),
      ],
    },
    {
      name: "probe6",
      rules: [
        "# This hook sees IPv6 fragments before reassembly; the later ones have no ports.",
        "frag frag-off > 0 accept",
        "meta l4proto . ip6 daddr . th dport @served6 accept",
        'ip6 saddr @trusted6 counter name "trusted" accept',
        ...watch,
        ...(keyed ? [`ip6 saddr @single6 ${judge("6_single")}`] : []),
        judge("6"),
      ],
    },
    ...suspicionChains({ chain: "4", version: 4, expression: "ip saddr" }, options),
    ...suspicionChains({ chain: "6", version: 6, expression: prefixKey }, options),
    ...(keyed ? suspicionChains(single, options) : []),
    {
      name: "report_hold",
      rules: [
        "# New holds have a limit of their own, so that single probes cannot hide them.",
        log("hold", Math.ceil(options.nflogRate * 0.4), Math.ceil(options.nflogRate * 0.1)),
        'counter name "unlogged" goto answer',
      ],
    },
    {
      name: "report",
      rules: [
        "# With a burst: the default of 5 packets loses a fifth of a scan of 5,000 a second.",
        log("probe", options.nflogRate, Math.ceil(options.nflogRate * 0.4)),
        'counter name "unlogged" goto answer',
      ],
    },
    ...(watch.length === 0
      ? []
      : [
          {
            name: "watch",
            rules: [
              log("probe", options.nflogRate, Math.ceil(options.nflogRate * 0.4), "accept"),
              'counter name "unlogged" accept',
            ],
          },
        ]),
    {
      name: "answer",
      rules:
        options.answer === "reject"
          ? ["meta l4proto tcp reject with tcp reset", "reject"]
          : [options.answer === "drop" ? "drop" : "accept"],
    },
  ];
}

/**
 * The whole table as one transaction of nft commands.
 *
 * @param options checked values; interface names are the only free text and must be names that the
 *   kernel would accept, which the configuration checks.
 */
export function buildTable(options: TableOptions): string {
  const keyed = options.ipv6PrefixBits < 128;
  const prefixKey = keyed ? `ip6 saddr & ${ipv6Mask(options.ipv6PrefixBits)}` : "ip6 saddr";
  const chains = [
    ...gateChains(options, keyed, prefixKey),
    ...senseChains(options, keyed, prefixKey),
    ...probeChains(options, keyed, prefixKey),
  ];
  return [
    ...buildSets(options),
    "# Chains first and empty, so that rules may name any of them.",
    ...chains.map(({ name, hook }) => `add chain ${TABLE} ${name}${hook ? ` { ${hook} }` : ""}`),
    ...chains.map(({ name }) => `flush chain ${TABLE} ${name}`),
    `table ${TABLE} {`,
    ...chains.flatMap(({ name, rules }) => [
      `  chain ${name} {`,
      ...rules.map((rule) => `    ${rule}`),
      "  }",
    ]),
    "}",
    "",
  ].join("\n");
}

/**
 * What a stopped guard leaves: the gate, the ban sets and the trust that they are asked against.
 * Probes are no probes any more, nothing is held, nothing is logged.
 */
export function buildStopped(): string {
  return [
    `flush chain ${TABLE} sense`,
    `flush chain ${TABLE} published`,
    ...[4, 6].flatMap((version) =>
      ["held", "suspect", "seen"].map((name) => `flush set ${TABLE} ${name}${version}`),
    ),
    "",
  ].join("\n");
}
