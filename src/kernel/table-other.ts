/**
 * From a packet that is neither TCP nor UDP to the report of it: pings, and protocols that nothing
 * serves. Told and nothing else: no hold, no drop, no changed answer.
 *
 * The `socket` expression knows TCP and UDP alone, and nothing says to a rule whether a tunnel, an
 * IPsec association or a raw socket takes another protocol. What this machine speaks it serves: a
 * protocol that it has itself sent from one of its addresses within the grace is none to be told of
 * there. Who only ever listens (a collector of mirrored traffic) is left out by configuration.
 *
 * What a sender can do here: make log messages. Each pair of addresses has one a minute for each
 * protocol, so that a ping for long and a tunnel whose other end has gone cost nothing; all of them
 * have a limit of their own, so that a flood hides no probe of a port. When the set that remembers
 * pairs is full, repeats are told again, and nothing goes unseen.
 */
import type { Chain } from "./table-chain.ts";
import { encodeLog } from "./table-log.ts";
import type { TableOptions } from "./table-options.ts";
import { elsewhere, formatElements } from "./table-sets.ts";

/** Share of `nflogRate` that what has no port may have beside it. */
const OTHER_SHARE = 0.1;

/** How long (s) a pair of addresses is not told again. */
export const HEARD_SECONDS = 60;

/** What one address family writes otherwise. */
interface Family {
  readonly version: 4 | 6;
  readonly ip: "ip" | "ip6";
  /** Rules before any other; the reason for each above it. */
  readonly before: readonly string[];
  /** The types that ask: RFC 792, RFC 950; RFC 4443 section 4.1. */
  readonly requests: string;
  /** What is no protocol of its own. */
  readonly passed: string;
}

const FAMILIES: readonly Family[] = [
  {
    version: 4,
    ip: "ip",
    before: [],
    requests: "icmp type { echo-request, timestamp-request, address-mask-request }",
    passed: "meta l4proto icmp",
  },
  {
    version: 6,
    ip: "ip6",
    before: [
      "# This hook sees IPv6 fragments before reassembly; the later ones have no header.",
      "frag frag-off > 0 accept",
    ],
    requests: "icmpv6 type echo-request",
    // 59: no next header. Extension headers are passed over by the kernel itself.
    passed: "meta l4proto { ipv6-icmp, 59 }",
  },
];

/** The rule that ends `sense`; none when nothing but TCP and UDP is watched. */
export function senseOther({ sensesOther }: TableOptions): string[] {
  return sensesOther ? ["goto other"] : [];
}

/** @returns no chains when nothing but TCP and UDP is watched. */
export function otherChains(options: TableOptions): Chain[] {
  if (!options.sensesOther) return [];
  return [
    {
      name: "other",
      rules: [
        "# Neither TCP nor UDP. Ours, broadcast, multicast or unwatched: no probe.",
        ...(options.sensesLoopback ? [] : ["iif lo accept"]),
        ...elsewhere(options),
        "fib daddr type != local accept",
        "meta nfproto ipv6 goto other6",
        "goto other4",
      ],
    },
    ...FAMILIES.flatMap((family) => familyChains(family, options)),
    {
      name: "report_other",
      rules: [
        "# A limit of its own, so that pings cannot hide probes of ports.",
        `${encodeLog("probe", { ...options, nflogRate: options.nflogRate * OTHER_SHARE })} accept`,
        'counter name "unlogged" accept',
      ],
    },
    {
      name: "speaks",
      hook: "type filter hook output priority -10; policy accept;",
      rules: [
        "meta l4proto { tcp, udp, icmp, ipv6-icmp } accept",
        "oif lo accept",
        "# What this machine speaks it serves: tunnels, IPsec, routing.",
        ...FAMILIES.map(
          ({ version, ip }) =>
            `update @spoken${version} { meta l4proto . ${ip} saddr timeout ${options.graceSeconds}s }`,
        ),
      ],
    },
  ];
}

function familyChains({ version, ip, before, requests, passed }: Family, options: TableOptions) {
  const { excludedProtocols: excluded, sensesLoopback } = options;
  const pair = `meta l4proto . ${ip} saddr . ${ip} daddr`;
  return [
    {
      name: `other${version}`,
      rules: [
        ...before,
        ...(excluded.size === 0 ? [] : [`meta l4proto { ${formatElements(excluded)} } accept`]),
        `${requests} goto asks${version}`,
        "# Answers and errors are never evidence, and neighbours discover one another.",
        `${passed} accept`,
        `meta l4proto . ${ip} daddr @spoken${version} accept`,
        `goto asks${version}`,
      ],
    },
    {
      name: `asks${version}`,
      rules: [
        ...(sensesLoopback
          ? ["# From this machine itself, which is trusted.", "iif lo goto report_other"]
          : []),
        `${ip} saddr @trusted${version} counter name "trusted" accept`,
        `${pair} @heard${version} accept`,
        "# A rule of its own: a full set breaks the rule that it stands in, and costs repeats.",
        `add @heard${version} { ${pair} timeout ${HEARD_SECONDS}s }`,
        "goto report_other",
      ],
    },
  ];
}
