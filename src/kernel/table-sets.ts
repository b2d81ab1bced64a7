/**
 * The sets and counters of the table: what the broker writes, and what the kernel learns.
 *
 * Everything has a size, because every element that the kernel learns is an address that anybody
 * may forge; when a set is full the rules go on without it and count that in `full`. Time-outs of
 * learned elements stand in the rules, so that a changed setting needs no new set: sets are left
 * standing when the rules are replaced, and with them bans, holds and grace.
 */
import type { PortSet } from "../net/port-range.ts";
import { FLOW_TYPES } from "./table-flows.ts";
import type { TableOptions } from "./table-options.ts";
import { openPorts } from "./table-phantom.ts";

/** The table's name, family included. Nothing outside this table is ever touched. */
export const TABLE = "inet vedette";

/** The table's name alone. */
export const TABLE_NAME = "vedette";

/** Bans that the sets can hold for each address family. */
export const BAN_CAPACITY = 1_048_576;

/** Sources that the kernel can suspect or hold at once, for each address family. */
export const SOURCE_CAPACITY = 262_144;

/** Served (address, port) pairs that the kernel can remember, for each address family. */
export const SERVED_CAPACITY = 16_384;

/** Shut-out sources whose drops the kernel counts at once, for each address family. */
const KNOCK_CAPACITY = 16_384;

/** Protocols and addresses of this machine that it can have sent from, for each family. */
export const SPOKEN_CAPACITY = 4096;

/** Pairs of addresses that are not told of again, for each address family. */
export const HEARD_CAPACITY = 16_384;

/** Questions of the guard that wait for an answer at once, for each address family. */
const ASKED_CAPACITY = 65_536;

/** "20-25, 80": the elements of a set of ports. */
export function formatElements(ports: PortSet): string {
  return [...ports.ranges()]
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(", ");
}

/** @returns the rule that lets pass what comes in where nothing is watched, if there is one. */
export function elsewhere({ interfaces }: TableOptions): string[] {
  if (interfaces.length === 0) return [];
  return [`iifname != { ${interfaces.map((name) => `"${name}"`).join(", ")} } accept`];
}

function learned(name: string, type: string, size: number): string {
  return `add set ${TABLE} ${name} { type ${type}; flags dynamic,timeout; size ${size}; timeout 60s; }`;
}

/** Sets of one address family, `4` or `6`. */
function familySets(version: 4 | 6): string[] {
  const address = `ipv${version}_addr`;
  return [
    `# Shut out. IPv6: an element that begins its prefix (/64) is the whole prefix.`,
    `add set ${TABLE} banned${version} { type ${address}; flags timeout; size ${BAN_CAPACITY}; }`,
    `# Shut out by prefix; apart, because a lookup in intervals costs more than in a hash.`,
    `add set ${TABLE} bannet${version} { type ${address}; flags interval,timeout; }`,
    `# Never held, never banned.`,
    `add set ${TABLE} trusted${version} { type ${address}; flags interval; }`,
    `# What is or lately was served. With the address: who serves 127.0.0.1 serves nobody outside.`,
    learned(`served${version}`, `inet_proto . ${address} . inet_service`, SERVED_CAPACITY),
    `# Read-only fast path before it: a port writes to served once in 30 s, not once a connection.`,
    learned(`fresh${version}`, `${address} . inet_service`, SERVED_CAPACITY),
    `# A suspect; the port that made it one and those that held it. A whole scan does not fill them.`,
    learned(`seen${version}`, `inet_proto . ${address} . inet_service`, SOURCE_CAPACITY),
    learned(`suspect${version}`, address, SOURCE_CAPACITY),
    `# Held, and how often it was: nobody can be kept held by a packet every few seconds.`,
    learned(`held${version}`, address, SOURCE_CAPACITY),
    learned(`budget${version}`, address, SOURCE_CAPACITY),
  ];
}

/** Sources whose drops were told lately, of one address family. */
function knocking(version: number): string[] {
  return [
    `# Told of what was dropped, and how often within the minute.`,
    learned(`knock${version}`, `ipv${version}_addr`, KNOCK_CAPACITY),
  ];
}

/** What has no port: protocols that this machine has sent, and who has asked whom for what. */
function portless(version: number): string[] {
  const address = `ipv${version}_addr`;
  return [
    `# What this machine has itself sent lately, and from which of its addresses.`,
    learned(`spoken${version}`, `inet_proto . ${address}`, SPOKEN_CAPACITY),
    `# Told within the minute: who, over what, and which of our addresses.`,
    learned(`heard${version}`, `inet_proto . ${address} . ${address}`, HEARD_CAPACITY),
  ];
}

/** Flows in which the guard has asked a source, of one address family. */
function asking(version: 4 | 6): string[] {
  return [
    `# Asked whether it is there: its port and address, ours. Resets of these alone are told.`,
    learned(`asked${version}`, FLOW_TYPES[version], ASKED_CAPACITY),
  ];
}

/** Flows that the guard answers as an open port does, of one address family. */
function entertaining(version: 4 | 6): string[] {
  return [
    `# Came to a port that looks open: its port and address, ours. What it says is the guard's.`,
    learned(`phantom${version}`, FLOW_TYPES[version], SOURCE_CAPACITY),
  ];
}

/** Sets of what blocklists name, filled before the rules ask them. */
function listing(listed: TableOptions["listed"] = []): string[] {
  if (listed.length === 0) return [];
  return [
    `add counter ${TABLE} listed`,
    ...listed.map(
      ({ name, family, size }) =>
        `add set ${TABLE} ${name} { type ipv${family}_addr; size ${size}; }`,
    ),
  ];
}

/** A set whose elements the configuration gives: emptied and filled in the same transaction. */
function configured(name: string, type: string, flags: string, elements: readonly string[]) {
  return [
    `add set ${TABLE} ${name} { type ${type};${flags} }`,
    `flush set ${TABLE} ${name}`,
    ...(elements.length > 0 ? [`add element ${TABLE} ${name} { ${elements.join(", ")} }`] : []),
  ];
}

/** @returns the commands that make sets and counters, whether they stand already or not. */
export function buildSets(options: TableOptions): string[] {
  const excluded = (["tcp", "udp"] as const).flatMap((transport) =>
    [...options.excluded[transport].ranges()].map(
      ({ first, last }) => `${transport} . ${first === last ? first : `${first}-${last}`}`,
    ),
  );
  const traps = formatElements(options.trapPorts);
  return [
    `add table ${TABLE}`,
    ...["holds", "refused", "shut_out", "trusted", "full", "unlogged"].map(
      (name) => `add counter ${TABLE} ${name}`,
    ),
    ...familySets(4),
    ...familySets(6),
    `# IPv6 prefixes in which one source is one address: on-link, link-local, NAT64, Teredo.`,
    `add set ${TABLE} single6 { type ipv6_addr; flags interval; }`,
    ...(options.challengeRate > 0 ? ([4, 6] as const).flatMap(asking) : []),
    ...(openPorts(options) === undefined ? [] : ([4, 6] as const).flatMap(entertaining)),
    ...listing(options.listed),
    ...(options.logsDrops ? [4, 6].flatMap(knocking) : []),
    ...(options.sensesOther ? [4, 6].flatMap(portless) : []),
    ...configured("excluded", "inet_proto . inet_service", " flags interval;", excluded),
    ...configured("traps", "inet_service", " flags interval;", traps === "" ? [] : [traps]),
  ];
}
