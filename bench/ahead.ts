/**
 * Where another engine is ahead of Vedette, and the words for it: a row of the table in which
 * somebody does better is not published without a reason.
 */
import type { Outcome } from "./contest.ts";

/** How somebody is ahead. The first that holds is told. */
export type Lead = "finds more" | "convicts fewer innocents" | "is earlier";

/** @returns how `peer` is ahead of `ours` in this row; undefined: it is not. */
export function leadOf(ours: Outcome, peer: Outcome): Lead | undefined {
  if (peer.found > ours.found) return "finds more";
  if (peer.falseConvictions < ours.falseConvictions) return "convicts fewer innocents";
  const isEarlier = (peer.packets ?? Number.POSITIVE_INFINITY) < (ours.packets ?? 0);
  return peer.found === ours.found && isEarlier ? "is earlier" : undefined;
}

/** Why, by lead and engine, in every row that says nothing else. */
const EVERYWHERE: Readonly<Partial<Record<Lead, Readonly<Record<string, string>>>>> = {
  "is earlier": {
    "PortSentry 2":
      "one packet to one unused port is enough for it. Vedette waits for what somebody honest " +
      "would not do as well: the rows of honest senders show what one packet costs.",
  },
};

const STRAY_SEGMENTS =
  "it counts whatever the firewall drops. What is left of ended connections looks the same, so " +
  "Vedette looks at such segments only with SENSE_ACK.";

const ONE_A_WINDOW =
  "it names one sender a window for the scanned machine, here a decoy, and misses the scanner. To " +
  "all others a decoy's packets are a scan like any.";

/**
 * Why, by scenario and engine, where a row has a reason of its own. Names of several engines
 * are parted by commas; "*": every engine ahead.
 */
const BY_ROW: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nmap_sA: { CrowdSec: STRAY_SEGMENTS },
  nmap_sW: { CrowdSec: STRAY_SEGMENTS },
  nmap_sM: { CrowdSec: STRAY_SEGMENTS },
  nmap_sO: {
    "PortSentry 2":
      "one of the twenty IP protocols is UDP, and its one packet is enough; it knows nothing of the " +
      "other nineteen, which Vedette looks at only with SENSE_OTHER.",
  },
  nmap_O: {
    "*":
      "one closed port of TCP and one of UDP, asked again and again. Both count packets; Vedette " +
      "counts ports, because an honest client repeats itself.",
  },
  nmap_decoy: {
    "Snort medium": ONE_A_WINDOW,
  },
  "nmap-sU": {
    psad:
      "to it UDP is as good as TCP. Vedette gives it half the weight, because anybody's stale client " +
      "sends it, and leaves out the ports of discovery and those that answers come to.",
  },
  decoys: {
    "Snort medium": ONE_A_WINDOW,
    "*":
      "they convict all ten names, the scanner's among them. Vedette sees one sender and excuses " +
      "whoever of it has not shown to be there, and here three customers have, and the scanner has " +
      "not: a replay cannot ask it, as the guard does. A scanner whose kernel keeps silent is " +
      "excused by the guard, too, and only held.",
  },
  "50x3": {
    "PortSentry 2":
      "three ports each are one fewer than Vedette asks for. A scan that is shared out so thinly " +
      "shows only where sources are judged together.",
    "Snort medium":
      "its counters of the scanned machine know no source, so it sees that the machine is scanned, " +
      "and names whoever sent the last packet: one of fifty.",
  },
  monitors: {
    "psad, CrowdSec":
      "the firewall lets the ports of stopped services through, so there is nothing in its log.",
    "scanlogd, simple-scan":
      "eight ports are too few for them. To Vedette four stopped services are four misses; the three " +
      "that answer speak for a monitor only while the kernel knows of the connection, and of one " +
      "that the monitor itself has closed it knows nothing a moment later.",
  },
  simplescan_445_scan: {
    "PortSentry 2":
      "one packet is enough. All the others, and Vedette, ask for more than one port: a client " +
      "whose service has stopped asks every address of it.",
  },
  slips_icmp_portscan: {
    "Snort medium":
      "it counts the addresses that somebody pings. Vedette does so only with SENSE_OTHER.",
  },
};

/** @returns why `engine` is ahead; undefined: nobody has said so yet, which is a fault. */
export function reasonOf(scenarioId: string, engine: string, lead: Lead): string | undefined {
  for (const [engines, reason] of Object.entries(BY_ROW[scenarioId] ?? {})) {
    if (engines === "*" || engines.split(", ").includes(engine)) return reason;
  }
  return EVERYWHERE[lead]?.[engine];
}

/** @returns every reason of a single row, and the row's scenario. */
export function reasonsByRow(): { scenarioId: string; reason: string }[] {
  return Object.entries(BY_ROW).flatMap(([scenarioId, reasons]) =>
    Object.values(reasons).map((reason) => ({ scenarioId, reason })),
  );
}
