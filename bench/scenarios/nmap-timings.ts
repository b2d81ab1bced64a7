/**
 * One nmap -sS -F at each of its timings, -T0 to -T5, against the machine.
 *
 * Pauses between two probes: -T0 five minutes, -T1 fifteen seconds, -T2 0.4 s (nmap.cc, -T); those
 * from -T3 on are what the network allows, taken from a round trip of 30 ms, 10 ms and 2 ms with
 * ten probes on the way.
 */
import type { Scenario, ScenarioMaker } from "../scenario.ts";
import { Link } from "../traffic/link.ts";
import { Random } from "../traffic/random.ts";
import { nmapRun, nmapSyns } from "../traffic/senders.ts";
import {
  OTHER_PORTS,
  OURS,
  POPULAR_PORTS,
  SCANNER,
  SERVICES,
  STARTED_AT_EPOCH_MS,
} from "./ground.ts";

const PAUSES: readonly (readonly [timing: string, pauseMs: number, words: string])[] = [
  ["T0", 300_000, "a port every 5 min"],
  ["T1", 15_000, "a port every 15 s"],
  ["T2", 400, "a port every 0.4 s"],
  ["T3", 3, "a port every 3 ms"],
  ["T4", 1, "a port every 1 ms"],
  ["T5", 0.2, "a port every 0.2 ms"],
];

function nmapScan(timing: string, pauseMs: number, words: string): Scenario {
  // One seed for all: they ask the same ports in the same order, and differ in their pace alone.
  const random = new Random(0x7000);
  const link = new Link(OURS, SERVICES);
  const run = nmapRun(SCANNER, OURS, random);
  const ports = [...random.shuffled(POPULAR_PORTS), ...random.shuffled(OTHER_PORTS)];
  for (const [index, destinationPort] of ports.entries()) {
    const [syn] = nmapSyns(run, [SCANNER], destinationPort, random);
    const atEpochMs = STARTED_AT_EPOCH_MS + index * pauseMs;
    if (syn !== undefined) link.probe(atEpochMs, syn, { ...run, destinationPort }, 1);
  }
  return {
    id: `nmap-${timing}`,
    kind: "scan",
    title: `nmap -sS -F -${timing}: 100 ports, ${words}`,
    ours: [OURS],
    services: SERVICES,
    scanners: [SCANNER],
    innocents: [],
    packets: link.packets(),
  };
}

/** One for each timing. */
export const NMAP_TIMINGS: readonly ScenarioMaker[] = PAUSES.map(([timing, pauseMs, words]) => ({
  id: `nmap-${timing}`,
  make: () => nmapScan(timing, pauseMs, words),
}));
