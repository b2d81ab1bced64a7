/**
 * Others on this machine that do not go together with a sentry, looked for before anything drops.
 *
 * Port knocking needs packets to ports that nobody serves: dropped or held, they lock out the
 * administrator who knocks. IPVS answers for ports that have no socket here. Another PortSentry
 * bans by its own rules. Any of them makes the guard only watch, until the operator says otherwise.
 */

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { HealthTracker } from "../health/tracker.ts";
import type { Nftables } from "../kernel/nftables.ts";
import { TABLE } from "../kernel/table-sets.ts";

/** The part of {@link Nftables} that is asked. */
type RulesetLister = Pick<Nftables, "run">;

/** Something that a sentry would break, or be broken by. */
export interface Neighbour {
  /** "knockd (pid 412)". */
  readonly what: string;
  /** What would go wrong. */
  readonly why: string;
}

/** Programs by the name of their process, and what a sentry would do to them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  knockd: "it waits for packets to ports that nobody serves, which a sentry drops",
  fwknopd: "it waits for packets to ports that nobody serves, which a sentry drops",
};

/** A process of PortSentry itself, 1.2 or 2.x, and never one of ours. */
export interface OldPortsentry {
  readonly pid: number;
  /** Its command line, words parted by blanks. */
  readonly command: string;
}

/** Every PortSentry that runs as root in this network namespace. */
export function findOldPortsentry(): OldPortsentry[] {
  return processesHere().flatMap((pid) => {
    const executable = readLink(`/proc/${pid}/exe`) ?? "";
    const words = (readText(`/proc/${pid}/cmdline`) ?? "").split("\0").filter(Boolean);
    if (!isOldPortsentry(executable, words)) return [];
    return [{ pid: Number(pid), command: words.join(" ") || executable }];
  });
}

/**
 * Ours is Node, whatever title it has; who has been replaced on the disk is "(deleted)".
 * @param words of its command line.
 */
export function isOldPortsentry(executable: string, words: readonly string[]): boolean {
  const program = basename(executable.replace(/ \(deleted\)$/, ""));
  if (program === "portsentry") return true;
  return basename(words[0] ?? "") === "portsentry" && !program.startsWith("node");
}

/** Hooks in which a rule that learns addresses by itself is port knocking, or looks like it. */
const LEARNING_RULE = /\b(?:add|update) @\S+ \{/;

function findPrograms(): Neighbour[] {
  const named = processesHere().flatMap((pid) => {
    const name = readText(`/proc/${pid}/comm`)?.trim() ?? "";
    const why = PROGRAMS[name];
    return why === undefined ? [] : [{ what: `${name} (pid ${pid})`, why }];
  });
  const old = findOldPortsentry().map(({ pid, command }) => ({
    what: `${command} (pid ${pid})`,
    why: "it bans by its own rules, and its listeners look like services",
  }));
  return [...named, ...old];
}

/**
 * Root's processes in our network namespace: any user can give a process any name, and only root's
 * can open what these need.
 */
function processesHere(): string[] {
  const own = readLink("/proc/self/ns/net");
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || readOwner(pid) !== 0) return false;
    const link = readLink(`/proc/${pid}/ns/net`);
    return mayShareNetwork(own, link, readText(`/proc/${pid}/status`) ?? "");
  });
}

/**
 * A service of ours has fewer capabilities than other root processes, and cannot see their network
 * namespace. Then a process counts as one of ours unless it is in a container's pid namespace:
 * NSpid in proc(5) has a number for each namespace below ours.
 * @param link of its network namespace; undefined: it cannot be read. @param status of /proc.
 */
export function mayShareNetwork(
  own: string | undefined,
  link: string | undefined,
  status: string,
): boolean {
  return link === undefined ? /^NSpid:\t\d+$/m.test(status) : link === own;
}

/** IPVS services: ports that are answered for without a socket. */
function findIpvs(): Neighbour[] {
  const services = (readText("/proc/net/ip_vs") ?? "").split("\n").slice(3).filter(Boolean);
  if (services.length === 0) return [];
  return [
    {
      what: "IPVS",
      why: `its ${services.length} virtual services have no socket, so each client looks like a scanner`,
    },
  ];
}

/** Rules of other tables that learn addresses from packets: port knocking by nftables itself. */
function findKnockingRules(nftables: RulesetLister): Neighbour[] {
  const listing = nftables.run("list ruleset", { isStateless: true, isTerse: true });
  if (listing.status === "failed") return [];
  let table = "";
  const tables = new Set<string>();
  for (const line of listing.output.split("\n")) {
    const opened = /^table (\S+ \S+) \{/.exec(line);
    if (opened?.[1] !== undefined) table = opened[1];
    else if (table !== TABLE && LEARNING_RULE.test(line) && /\bdport\b/.test(line)) {
      tables.add(table);
    }
  }
  return [...tables].map((name) => ({
    what: `table ${name}`,
    why: "its rules learn addresses from packets to ports, as port knocking does",
  }));
}

/** @returns those of `names` that are no interface of this network namespace now. */
export function findMissingInterfaces(names: readonly string[]): string[] {
  const table = readText("/proc/net/dev") ?? "";
  const present = new Set([...table.matchAll(/^\s*([^\s:]+):/gm)].map((match) => match[1]));
  return names.filter((name) => !present.has(name));
}

/** @param nftables undefined where there is none; then its rules are not looked at. */
export function findNeighbours(nftables: RulesetLister | undefined): Neighbour[] {
  return [
    ...findPrograms(),
    ...findIpvs(),
    ...(nftables === undefined ? [] : findKnockingRules(nftables)),
  ];
}

/** Processes end while we look at them, and files are absent: both are no finding. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readOwner(pid: string): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Says what was found, and what follows: `watchOnly` is why nothing is held or banned. */
export function warnOfNeighbours(
  neighbours: readonly Neighbour[],
  watchOnly: string | undefined,
  health: HealthTracker,
): void {
  if (neighbours.length === 0) return;
  const found = neighbours.map(({ what, why }) => `${what}: ${why}`).join("; ");
  const action =
    watchOnly === undefined
      ? "Exclude its ports with ADVANCED_EXCLUDE_TCP and ADVANCED_EXCLUDE_UDP."
      : "Nothing is held or banned; exclude its ports and start with --despite-neighbours.";
  health.raise("neighbour", "warning", `Found ${found}.`, action);
}

/** Says which of `names` are no interface of this machine now. */
export function warnOfInterfaces(names: readonly string[], health: HealthTracker): void {
  const missing = findMissingInterfaces(names);
  if (missing.length === 0) {
    health.clear("no-interface");
    return;
  }
  const text = `INTERFACES names what this machine does not have: ${missing.join(", ")}.`;
  const action = "Mend INTERFACES, or wait until it appears: it is watched from then on.";
  health.raise("no-interface", "warning", text, action);
}
