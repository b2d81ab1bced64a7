/** What the first lines say: who is trusted, what is served, what is watched, how to end it. */

import { hostname } from "node:os";
import type { Configuration } from "../config/load.ts";
import { counted } from "../counted.ts";
import type { TrustedEntry } from "../model/trusted-entry.ts";
import { formatPorts, type PortRange } from "../net/port-range.ts";
import { formatPrefix } from "../net/prefix.ts";
import type { Transport } from "../net/transport.ts";
import type { WatchMode } from "../sensors/options.ts";
import { VERSION } from "../version.ts";
import { banWords } from "./ban-words.ts";
import { hasHooks } from "./legacy-keys.ts";
import type { Neighbour } from "./neighbours.ts";
import { formatSpan } from "./spans.ts";
import { phantomOf } from "./table-plan.ts";

export interface AnnouncementFacts {
  readonly configuration: Configuration;
  readonly watchOnly: string | undefined;
  readonly trusted: readonly TrustedEntry[];
  /**
   * Why nobody can be held or banned yet, "nobody is banned until …": who is trusted is not known;
   * undefined: it is.
   */
  readonly blindness: string | undefined;
  /** Entries that stand for a person who is logged in. */
  readonly sessions: readonly TrustedEntry[];
  readonly served: readonly { readonly transport: Transport; readonly port: number }[];
  /** Ports that our own listeners have. */
  readonly listened: readonly { readonly transport: Transport; readonly port: number }[];
  readonly neighbours: readonly Neighbour[];
  readonly confirmWithinMs: number | undefined;
  readonly onStop: "keep-bans" | "remove";
  readonly stateDirectory: string;
  readonly isKernelSensing: boolean;
  /** Ports that this machine uses for its own questions. */
  readonly ephemeral: PortRange;
  /** How the command is called here: "vedette", or the path of bin/vedette. */
  readonly command: string;
}

/** What whoever looks finds open although nothing is there. */
function openLines(facts: AnnouncementFacts): string[] {
  const { values } = facts.configuration;
  if (!facts.isKernelSensing) return [];
  switch (phantomOf(values, facts.watchOnly !== undefined)) {
    case "off":
      return [];
    case "traps": {
      const traps = values.TRAP_PORTS.without(values.ADVANCED_EXCLUDE_TCP);
      return [`Look open: tcp ${formatPorts(traps)}, where nothing serves them (PHANTOM)`];
    }
    case "all":
      return ["Look open: every unused tcp port that is watched (PHANTOM)"];
  }
}

/** "tcp 22, 80; udp 53", the ports that real services have. */
function servedPorts(served: AnnouncementFacts["served"]): string {
  const texts = (["tcp", "udp"] as const).flatMap((transport) => {
    const ports = served.filter((one) => one.transport === transport).map(({ port }) => port);
    return ports.length > 0 ? [`${transport} ${formatPorts(new Set(ports))}`] : [];
  });
  return texts.join("; ") || "nothing that others can reach";
}

/** What is watched of one transport. */
function watchedPorts(transport: Transport, mode: WatchMode, facts: AnnouncementFacts): string {
  const { values } = facts.configuration;
  const isTcp = transport === "tcp";
  const listed = formatPorts(isTcp ? values.TCP_PORTS : values.UDP_PORTS);
  const excluded = formatPorts(isTcp ? values.ADVANCED_EXCLUDE_TCP : values.ADVANCED_EXCLUDE_UDP);
  const below = isTcp ? values.ADVANCED_PORTS_TCP : values.ADVANCED_PORTS_UDP;
  const range = below > 65_535 ? "every unused port" : `every unused port below ${below}`;
  const isListening = mode !== "off" && !facts.isKernelSensing;
  switch (isListening ? "listen" : mode) {
    case "unused": {
      const { first, last } = facts.ephemeral;
      // Where the answers to this machine's own questions arrive.
      const answers = isTcp ? [] : [`${first}-${last}`];
      const but = [excluded, ...answers].filter(Boolean).join(",");
      return `${transport}: ${range}${but === "" ? "" : ` but ${but}`}`;
    }
    case "listed":
      return `${transport}: ${listed}${values.SENSE_SERVED ? ", served or not" : " where unused"}`;
    case "listen":
      return `${transport}: listeners on those of ${listed} that are free`;
    case "off":
      return `${transport}: not watched`;
  }
}

/** What is watched that has no port; nothing where that is not wanted. */
function watchedOthers({
  configuration: { values },
  isKernelSensing,
}: AnnouncementFacts): string[] {
  if (!values.SENSE_OTHER || !isKernelSensing) return [];
  const excluded = formatPorts(values.OTHER_EXCLUDE);
  return [`pings and other protocols${excluded === "" ? "" : ` but ${excluded}`}`];
}

function sessionLines({ sessions, command }: AnnouncementFacts): string[] {
  if (sessions.length === 0) return ["Nobody is logged in from elsewhere."];
  return [...new Set(sessions.map(({ prefix }) => formatPrefix(prefix)))].flatMap((address) => [
    `You are logged in from ${address}: it is trusted for as long as you are.`,
    `To keep it so:  ${command} trust ${address}`,
  ]);
}

/** "BLOCK_TCP and BLOCK_UDP are 0". */
function blockWords({ configuration: { texts } }: AnnouncementFacts): string {
  const { BLOCK_TCP: tcp, BLOCK_UDP: udp } = texts;
  return tcp === udp
    ? `BLOCK_TCP and BLOCK_UDP are ${tcp}`
    : `BLOCK_TCP is ${tcp} and BLOCK_UDP is ${udp}`;
}

function reactionLine(facts: AnnouncementFacts): string {
  const { values } = facts.configuration;
  if (facts.watchOnly !== undefined) return `Nothing is held or banned: ${facts.watchOnly}.`;
  if (facts.blindness !== undefined) {
    return `Nobody is held, and ${facts.blindness}.`;
  }
  if (!facts.isKernelSensing) {
    return "Whoever connects is told of; nobody is banned: that needs root and nftables.";
  }
  const ban = reactionBan(facts);
  const hold =
    values.HOLD_AFTER === "off"
      ? "not held"
      : `held for ${formatSpan(values.HOLD_TIME)} after ${values.HOLD_AFTER} unused ports or one trap port`;
  const reactions = [
    ...(values.TCP_MODE === "off" ? [] : [["tcp", values.BLOCK_TCP] as const]),
    ...(values.UDP_MODE === "off" ? [] : [["udp", values.BLOCK_UDP] as const]),
  ];
  const watched = reactions.filter(([, block]) => block !== "ban").map(([name]) => name);
  const runs = [values.BLOCK_TCP, values.BLOCK_UDP].includes("hooks")
    ? " KILL_RUN_CMD is run where it is 2."
    : "";
  if (watched.length === reactions.length)
    return `Nothing is held or banned: ${blockWords(facts)}.${runs}`;
  const who = watched.length === 0 ? "Whoever scans" : `Whoever scans more than ${watched[0]}`;
  return `${who} is ${hold}, and ${ban}.${runs}`;
}

/** Whether and for what a scanner is banned, and by what means. */
function reactionBan(facts: AnnouncementFacts): string {
  const { values } = facts.configuration;
  if (!values.NFT_BAN && !hasHooks(values)) return "not banned (NFT_BAN is 0)";
  const words = banWords(values);
  if (words !== undefined) return `${words}${meansWords(facts)}`;
  return "not banned (PROOF is handshake, and there is nothing to connect to)";
}

/** ", by hosts.deny, a route and a command"; nothing where the kernel's sets do all of it. */
function meansWords({ configuration: { values } }: AnnouncementFacts): string {
  if (!hasHooks(values)) return "";
  const means = [
    ...(values.NFT_BAN ? ["the kernel's sets"] : []),
    ...(values.KILL_HOSTS_DENY === undefined ? [] : ["KILL_HOSTS_DENY"]),
    ...(values.KILL_ROUTE === undefined ? [] : ["KILL_ROUTE"]),
    ...(values.KILL_RUN_CMD === undefined ? [] : ["KILL_RUN_CMD"]),
  ];
  return `, by ${means.join(", ")}`;
}

function confirmLines({ confirmWithinMs, command }: AnnouncementFacts): string[] {
  if (confirmWithinMs === undefined) return [];
  return [
    `All of this is taken away in ${formatSpan(confirmWithinMs)} unless you say: ${command} confirm`,
  ];
}

/** What a machine that runs on PortSentry's files does without. */
function gainLines({ configuration, command }: AnnouncementFacts): string[] {
  if (configuration.profile !== "portsentry") return [];
  return [
    "To be gained in profile vedette: scanners are held in the packet that shows them, and bans end " +
      `by themselves; ${command} config import makes its file of yours.`,
  ];
}

/** What is left when it ends. */
function endingLine(facts: AnnouncementFacts): string {
  const { isKernelSensing, watchOnly, onStop, stateDirectory, command } = facts;
  const ending = process.stdout.isTTY === true ? "Ctrl-C" : "Stopping it";
  if (!isKernelSensing) return `${ending} leaves nothing but the journal in ${stateDirectory}.`;
  const rest = `the journal stays in ${stateDirectory} (${command} remove takes it too)`;
  if (onStop === "remove") {
    return `${ending} removes every trace of it from the kernel, bans included; ${rest}.`;
  }
  if (watchOnly !== undefined) return `${ending} leaves no rule that holds or drops anything.`;
  return `${ending} leaves the bans in force until they run out (ON_STOP).`;
}

/** @returns the lines, without line ends. */
export function announce(facts: AnnouncementFacts): string[] {
  const { values } = facts.configuration;
  const watched = [
    ...(["tcp", "udp"] as const).map((transport) =>
      watchedPorts(transport, transport === "tcp" ? values.TCP_MODE : values.UDP_MODE, facts),
    ),
    ...watchedOthers(facts),
  ].join("; ");
  return [
    `Vedette ${VERSION} on ${hostname()}`,
    ...sessionLines(facts).map((line) => `  ${line}`),
    `  Served:   ${servedPorts(facts.served)}`,
    `  Watched:  ${watched}`,
    ...openLines(facts).map((line) => `  ${line}`),
    `  Trusted:  ${counted(facts.trusted.length, "address or prefix", "addresses and prefixes")} (${facts.command} trusted lists them)`,
    `  ${reactionLine(facts)}`,
    ...facts.neighbours.map(({ what, why }) => `  Found ${what}: ${why}.`),
    ...confirmLines(facts).map((line) => `  ${line}`),
    `  ${endingLine(facts)}`,
    ...gainLines(facts).map((line) => `  ${line}`),
  ];
}

/** What readers of PortSentry's lines are told beside them. @returns the lines, without ends. */
export function announceBriefly(facts: AnnouncementFacts): string[] {
  return [reactionLine(facts), ...confirmLines(facts), ...gainLines(facts)];
}
