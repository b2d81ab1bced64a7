/**
 * What becomes of a probe: grace and trust, suspicion, the report to user space, the answer.
 *
 * A sender can make log messages: they are bounded by `nflogRate`, the rest is counted in
 * `unlogged`.
 */
import type { Chain } from "./table-chain.ts";
import { encodeLog } from "./table-log.ts";
import type { TableOptions } from "./table-options.ts";
import { answerAsOpen, lureProbe } from "./table-phantom.ts";
import type { SourceKeys } from "./table-source-keys.ts";
import { suspicionChains } from "./table-suspicion.ts";

/** What both families do with a probe, from its first rule to its answer. */
export function probeChains(options: TableOptions, keys: SourceKeys): Chain[] {
  const judge = (chain: string) =>
    options.holdAfter === "off" ? "goto report" : `goto judge${chain}`;
  const watch = [
    ...(options.sensesAck
      ? [
          "# May be the rest of an ended connection: told, never held, and reset by the stack.",
          "tcp flags & (syn|ack) == ack goto watch",
        ]
      : []),
    ...(["tcp", "udp"] as const)
      .filter((transport) => options.onlyWatched[transport])
      .map((transport) => `meta l4proto ${transport} goto watch`),
  ];
  const ownProbes = options.sensesLoopback
    ? ["# From this machine itself, which is trusted and wants to be told.", "iif lo goto watch"]
    : [];
  return [
    {
      name: "probe4",
      rules: [
        "meta l4proto . ip daddr . th dport @served4 accept",
        ...ownProbes,
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
        ...ownProbes,
        'ip6 saddr @trusted6 counter name "trusted" accept',
        ...watch,
        ...(keys.single === undefined ? [] : [`ip6 saddr @single6 ${judge(keys.single.chain)}`]),
        judge("6"),
      ],
    },
    ...suspicionChains(keys.ipv4, options),
    ...suspicionChains(keys.ipv6, options),
    ...(keys.single === undefined ? [] : suspicionChains(keys.single, options)),
    ...reportChains(options, watch.length + ownProbes.length > 0),
    {
      name: "answer",
      rules: [
        ...answerAsOpen(options),
        ...(options.answer === "reject"
          ? ["meta l4proto tcp reject with tcp reset", "reject"]
          : [options.answer === "drop" ? "drop" : "accept"]),
      ],
    },
  ];
}

/** @param hasWatched whether there are probes that are told and nothing else. */
function reportChains(options: TableOptions, hasWatched: boolean): Chain[] {
  const logProbe = encodeLog("probe", options);
  const logHold = encodeLog("hold", options);
  return [
    {
      name: "report_hold",
      rules: [
        ...lureProbe(options, "lure_hold"),
        "# New holds have a limit of their own, so that single probes cannot hide them.",
        `${logHold} goto answer`,
        'counter name "unlogged" goto answer',
      ],
    },
    {
      name: "report",
      rules: [
        ...lureProbe(options, "lure"),
        "# With a burst: the default of 5 packets loses a fifth of a scan of 5,000 a second.",
        `${logProbe} goto answer`,
        'counter name "unlogged" goto answer',
      ],
    },
    ...(hasWatched
      ? [{ name: "watch", rules: [`${logProbe} accept`, 'counter name "unlogged" accept'] }]
      : []),
  ];
}
