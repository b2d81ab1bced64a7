/**
 * The kernel's part of the sentry: the one nftables table, as text.
 *
 * The kernel decides what a probe is, because only it knows without a race who is listening; user
 * space sees probes and nothing else. The text is one transaction that builds the table or replaces
 * its rules without a gap: chains are flushed and filled, sets stand. No rule has a verdict map
 * (`vmap`): the kernel empties that of a replaced rule at once, also for the packet that is just
 * about to ask it, and such a packet would be no probe, or a held source's way in. docs/table.nft is
 * what the defaults give, with the reason above each rule; a test holds the two together.
 *
 * What a hostile sender can do stands where it is done: table-suspicion.ts and table-probe.ts.
 */
import { PortSet } from "../net/port-range.ts";
import { answerChains, DROP_SENT, SENT_CHAIN } from "./table-answers.ts";
import { type Chain, encodeChains } from "./table-chain.ts";
import { dropChains } from "./table-drops.ts";
import { gateChains } from "./table-gate.ts";
import { listedChains } from "./table-listed.ts";
import type { TableOptions } from "./table-options.ts";
import { otherChains } from "./table-other.ts";
import { phantomChains } from "./table-phantom.ts";
import { probeChains } from "./table-probe.ts";
import { senseChains } from "./table-sense.ts";
import { servedChains } from "./table-served.ts";
import { buildSets, TABLE } from "./table-sets.ts";
import { planSourceKeys } from "./table-source-keys.ts";

/**
 * The whole table as one transaction of nft commands.
 *
 * @param options checked values; interface names are the only free text and must be names that the
 *   kernel would accept, which the configuration checks.
 */
export function buildTable(options: TableOptions): string {
  const chains = chainsOf(options);
  const wanted = new Set(chains.map(({ name }) => name));
  const others = everyChainName(options).filter((name) => !wanted.has(name));
  return [...buildSets(options), ...encodeChains(chains, others), ""].join("\n");
}

function chainsOf(options: TableOptions): Chain[] {
  const keys = planSourceKeys(options.ipv6PrefixBits);
  return [
    ...gateChains(options, keys),
    ...listedChains(options),
    ...senseChains(options, keys),
    ...probeChains(options, keys),
    ...dropChains(options, keys),
    ...servedChains(options),
    ...otherChains(options),
    ...phantomChains(options, keys),
    ...answerChains(options),
  ];
}

/** The chains that any options give: these need them all. */
function everyChainName(options: TableOptions): string[] {
  return chainsOf({
    ...options,
    holdAfter: 2,
    ipv6PrefixBits: 64,
    onlyWatched: { tcp: true, udp: true },
    sensesAck: true,
    sensesOther: true,
    told: { tcp: new PortSet([1]), udp: new PortSet() },
    listed: [{ name: "", family: 4, bits: 32, size: 1 }],
    logsDrops: true,
    challengeRate: 1,
    phantom: "all",
  }).map(({ name }) => name);
}

/**
 * What a stopped guard leaves: the gate, the ban sets and the trust that they are asked against.
 * Probes are no probes any more, nothing is held, nothing is logged. Nothing leaves with the mark: a
 * process that the guard has started may outlive it, with its sockets.
 */
export function buildStopped(options: TableOptions): string {
  const standing = new Set(chainsOf(options).map(({ name }) => name));
  // What the gate and other hooks go to; all else is reached by what is flushed.
  const talking = ["knock", "speaks", SENT_CHAIN, "reply"].filter((name) => standing.has(name));
  return [
    `flush chain ${TABLE} sense`,
    `flush chain ${TABLE} published`,
    ...talking.map((name) => `flush chain ${TABLE} ${name}`),
    `add rule ${TABLE} ${SENT_CHAIN} ${DROP_SENT}`,
    ...[4, 6].flatMap((version) =>
      ["held", "suspect", "seen"].map((name) => `flush set ${TABLE} ${name}${version}`),
    ),
    "",
  ].join("\n");
}
