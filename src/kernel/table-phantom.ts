/**
 * Ports that look open and are not: which packets the kernel hands to the guard to answer.
 *
 * A SYN to an unused port is a probe as ever: judged, held, told. Then it is told under a name that
 * asks for an answer, and dropped. So that what its sender goes on to say comes to the guard, too,
 * and not to the stack, which would reset it, its flow is remembered: addresses and ports, ten
 * seconds for an acknowledgement to arrive, and for as long as it talks. A flow that has a socket of
 * its own is never the guard's, whatever a forger has made us remember: a connection of a real
 * service, or one that this machine has opened.
 *
 * Where every port looks open, a held source's new connections to real services are not answered by
 * silence: they are the guard's to answer, too, and no probes.
 *
 * What a hostile sender can do here: fill the set of flows, by more flows that talk than it holds;
 * the rules go on without it, so that handshakes end in the stack's reset and prove nobody. And have
 * segments told, within limits of their own, so that they hide no probe; what is beyond is dropped.
 */
import type { Chain } from "./table-chain.ts";
import { tellDrop } from "./table-drops.ts";
import { FLOWS_IN } from "./table-flows.ts";
import { encodeLog } from "./table-log.ts";
import type { TableOptions } from "./table-options.ts";
import type { SourceKeys } from "./table-source-keys.ts";

/** How long (s) the acknowledgement of our SYN+ACK may take. */
const HANDSHAKE_SECONDS = 10;

/**
 * How long (s) a flow is kept after each segment: longer than a stack waits until it asks after a
 * closed window again (Linux: TCP_RTO_MAX, 120 s).
 */
const TALK_SECONDS = 150;

/** Segments a second that the guard may send behind its SYN+ACKs, to all who talk together. */
export const PHANTOM_TALK_RATE = 2000;

const IS_SYN = "tcp flags & (fin|syn|rst|ack) == syn";

/** @returns the ports that look open; undefined: none does. */
export function openPorts({
  phantom,
  trapPorts,
}: Pick<TableOptions, "phantom" | "trapPorts">): "traps" | "all" | undefined {
  return phantom === "off" || (phantom === "traps" && trapPorts.size === 0) ? undefined : phantom;
}

/** @returns whether a held source's SYN to a real service is answered as all others are. */
export function hidesServices(options: TableOptions): boolean {
  return openPorts(options) === "all" && options.holdAfter !== "off";
}

/** @returns the rule before a probe is told as one that nobody answers. */
export function lureProbe(options: TableOptions, chain: "lure" | "lure_hold"): string[] {
  const ports = openPorts(options);
  return ports === undefined ? [] : [`${IS_SYN} ${portMatch(ports)}goto ${chain}`];
}

/** @returns the rule before any other answer: an open port is silent to what no stack sends. */
export function answerAsOpen(options: TableOptions): string[] {
  const ports = openPorts(options);
  return ports === undefined ? [] : [`meta l4proto tcp ${portMatch(ports)}drop`];
}

function portMatch(ports: "traps" | "all"): string {
  return ports === "traps" ? "tcp dport @traps " : "";
}

/** From a probe, or a segment with ACK (`said`), to the guard. */
export function phantomChains(options: TableOptions, keys: SourceKeys): Chain[] {
  if (openPorts(options) === undefined) return [];
  return [
    {
      name: "lure",
      rules: [
        "# What it goes on to say is the guard's, if the guard may answer. Then it is a probe.",
        ...follow(options),
        ...tellProbe("open", options),
      ],
    },
    { name: "lure_hold", rules: [...follow(options), ...tellProbe("trap", options)] },
    {
      name: "said",
      rules: [
        "# Before the cheap path: the stack would reset what it has no socket for.",
        `${FLOWS_IN[4]} @phantom4 goto heard`,
        `${FLOWS_IN[6]} @phantom6 goto heard`,
        options.sensesAck ? "goto ack_in" : "accept",
      ],
    },
    {
      name: "heard",
      rules: [
        "# Nobody answers a reset.",
        "tcp flags & rst == rst accept",
        ...(hidesServices(options)
          ? [
              "# A listener takes it, which no segment of a connection finds: a held source's flow.",
              "socket wildcard 1 goto heard_bait",
            ]
          : []),
        "# A connection of a service, or one that this machine has opened.",
        "socket transparent <= 1 accept",
        ...renew(TALK_SECONDS),
        ...tellSegment("reply", options),
      ],
    },
    ...(hidesServices(options) ? baitChains(options, keys) : []),
  ];
}

/** A held source at a real service: refused, and answered as at any other port. */
function baitChains(options: TableOptions, keys: SourceKeys): Chain[] {
  return [
    ...(keys.single === undefined
      ? []
      : [{ name: "bait6", rules: ["ip6 saddr @single6 accept", "goto bait"] }]),
    {
      name: "bait",
      rules: [
        'ip saddr @trusted4 counter name "trusted" accept',
        'ip6 saddr @trusted6 counter name "trusted" accept',
        ...tellDrop(options),
        "# Open like every other port, or the real ones would be those that are silent.",
        'counter name "refused"',
        "# A listener on one address looks like a connection: its flow is left to the stack.",
        "socket wildcard 1 goto bait_flow",
        ...tellSegment("bait", options),
      ],
    },
    { name: "bait_flow", rules: [...follow(options), ...tellSegment("bait", options)] },
    { name: "heard_bait", rules: [...renew(TALK_SECONDS), ...tellSegment("bait", options)] },
  ];
}

/** A probe that an answer waits for. In a flood they come in batches, as others do. */
function tellProbe(kind: "open" | "trap", options: TableOptions): string[] {
  return [
    `${encodeLog(`${kind} promptly`, options)} drop`,
    `${encodeLog(kind, options)} drop`,
    'counter name "unlogged" drop',
  ];
}

/** A segment that is no probe: beyond its limit nobody needs to know of it. */
function tellSegment(kind: "reply" | "bait", options: TableOptions): string[] {
  return [`${encodeLog(kind, options)} drop`, "counter drop"];
}

/** Remembers no more flows than the guard may answer, so that a flood does not fill the set. */
function follow({ phantomRate }: TableOptions): string[] {
  const limit = `limit rate ${phantomRate}/second burst ${phantomRate} packets`;
  return renew(HANDSHAKE_SECONDS).map(
    (rule, index) => `meta nfproto ipv${index === 0 ? 4 : 6} ${limit} ${rule}`,
  );
}

/** Rules of their own: a full set breaks the rule that it stands in. */
function renew(seconds: number): string[] {
  return ([4, 6] as const).map(
    (version) => `update @phantom${version} { ${FLOWS_IN[version]} timeout ${seconds}s }`,
  );
}
