/** From the configuration to the kernel's table. */
import { readFileSync } from "node:fs";
import type { Settings } from "../config/schema.ts";
import type { TableOptions } from "../kernel/table-options.ts";
import { type PortRange, PortSet } from "../net/port-range.ts";
import type { WatchMode } from "../sensors/options.ts";

const EVERY_PORT = 65_536;

/** Every network namespace has one, of this name. */
const LOOPBACK = "lo";

/** Linux's default of net.ipv4.ip_local_port_range, for where it cannot be read. */
export const DEFAULT_EPHEMERAL: PortRange = { first: 32_768, last: 60_999 };

/** Ports that this machine uses for its own questions; answers to them are no probes. */
export function readEphemeralPorts(): PortRange {
  try {
    const text = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
    const [first, last] = text.trim().split(/\s+/).map(Number);
    if (first !== undefined && last !== undefined && first <= last) return { first, last };
  } catch {
    // Without /proc the kernel's default is the best guess.
  }
  return DEFAULT_EPHEMERAL;
}

/** Ports of one transport that the kernel watches. */
function watchedPorts(mode: WatchMode, below: number, listed: PortSet): PortSet {
  switch (mode) {
    case "unused":
      return new PortSet(Array.from({ length: Math.min(below, EVERY_PORT) - 1 }, (_, i) => i + 1));
    case "listed":
      return listed;
    case "listen":
    case "off":
      return new PortSet();
  }
}

/** Ports of one transport of which packets to a service are told: in the list mode alone. */
function toldPorts(isWanted: boolean, mode: WatchMode, listed: PortSet): PortSet {
  return isWanted && mode === "listed" ? listed : new PortSet();
}

/** Whoever names the loopback wants it sensed; whoever wants it sensed need not name it. */
function watchedInterfaces({
  INTERFACES,
  SENSE_LOOPBACK,
}: Settings): Pick<TableOptions, "interfaces" | "sensesLoopback"> {
  const isNamed = INTERFACES.includes(LOOPBACK);
  const isAdded = SENSE_LOOPBACK && INTERFACES.length > 0 && !isNamed;
  return {
    interfaces: isAdded ? [...INTERFACES, LOOPBACK] : INTERFACES,
    sensesLoopback: SENSE_LOOPBACK || isNamed,
  };
}

/**
 * Questions a second that the guard may send; 0 where nobody is to be answered differently, where
 * no TCP probe is seen by the kernel, or where evidence decides nothing.
 */
export function challengeRateOf(values: Settings, isWatchOnly: boolean): number {
  const isSeen = values.TCP_MODE === "unused" || values.TCP_MODE === "listed";
  const mayAnswer = values.BLOCK_TCP === "ban" && !isWatchOnly;
  return isSeen && mayAnswer && values.PROOF !== "none" ? values.CHALLENGE_RATE : 0;
}

/** Ports that look open; none where nobody is to be answered differently. */
export function phantomOf(values: Settings, isWatchOnly: boolean): TableOptions["phantom"] {
  const isSeen = values.TCP_MODE === "unused" || values.TCP_MODE === "listed";
  return isSeen && values.BLOCK_TCP === "ban" && !isWatchOnly ? values.PHANTOM : "off";
}

/** @param isWatchOnly nothing is held, dropped or answered differently, and no ban is asked for. */
export function planTable(
  values: Settings,
  isWatchOnly: boolean,
  ephemeral: PortRange,
): TableOptions {
  const onlyWatched = {
    tcp: isWatchOnly || values.BLOCK_TCP !== "ban",
    udp: isWatchOnly || values.BLOCK_UDP !== "ban",
  };
  const excluded = { tcp: values.ADVANCED_EXCLUDE_TCP, udp: values.ADVANCED_EXCLUDE_UDP };
  return {
    holdAfter: onlyWatched.tcp && onlyWatched.udp ? "off" : values.HOLD_AFTER,
    holdSeconds: Math.ceil(values.HOLD_TIME / 1000),
    graceSeconds: Math.ceil(values.GRACE / 1000),
    ipv6PrefixBits: values.IPV6_PREFIX,
    answer: values.ANSWER,
    onlyWatched,
    enforcesBans: !isWatchOnly,
    trapPorts: values.TRAP_PORTS.without(excluded.tcp),
    watched: {
      tcp: watchedPorts(values.TCP_MODE, values.ADVANCED_PORTS_TCP, values.TCP_PORTS),
      udp: watchedPorts(values.UDP_MODE, values.ADVANCED_PORTS_UDP, values.UDP_PORTS),
    },
    told: {
      tcp: toldPorts(values.SENSE_SERVED, values.TCP_MODE, values.TCP_PORTS),
      udp: toldPorts(values.SENSE_SERVED, values.UDP_MODE, values.UDP_PORTS),
    },
    excluded,
    udpListed: values.UDP_MODE === "off" ? new PortSet() : values.UDP_PORTS,
    ephemeral,
    sensesAck: values.SENSE_ACK,
    sensesOther: values.SENSE_OTHER,
    excludedProtocols: values.OTHER_EXCLUDE,
    ...watchedInterfaces(values),
    nflogGroup: values.NFLOG_GROUP,
    nflogRate: values.NFLOG_RATE,
    challengeRate: challengeRateOf(values, isWatchOnly),
    phantom: phantomOf(values, isWatchOnly),
    phantomRate: values.PHANTOM_RATE,
    logsDrops: values.BLOCK_LOG !== undefined && !isWatchOnly,
  };
}
