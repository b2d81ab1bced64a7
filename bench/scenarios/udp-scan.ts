/**
 * nmap -sU: the twenty UDP ports that it asks first, and thirty more, one a second, because a closed
 * port says so no more often than that.
 */
import type { Scenario, ScenarioMaker } from "../scenario.ts";
import { Link } from "../traffic/link.ts";
import { OURS, SCANNER, SECOND_MS, SERVICES, STARTED_AT_EPOCH_MS } from "./ground.ts";

/** nmap-services, by frequency; the rest are those of its list that follow. */
const UDP_PORTS: readonly number[] = [
  631, 161, 137, 123, 138, 1434, 445, 135, 67, 53, 139, 500, 68, 520, 1900, 4500, 514, 49_152, 162,
  69, 5353, 111, 49_154, 1701, 998, 996, 997, 999, 3283, 49_153, 1812, 136, 2222, 2049, 32_768,
  3130, 1645, 1646, 1718, 1719, 5632, 17_185, 1433, 10_000, 1026, 7, 9, 177, 2223, 5060,
];

function udpScan(): Scenario {
  const link = new Link(OURS, SERVICES);
  for (const [index, destinationPort] of UDP_PORTS.entries()) {
    const ends = { source: SCANNER, destination: OURS, sourcePort: 47_120, destinationPort };
    link.ask(STARTED_AT_EPOCH_MS + index * SECOND_MS, ends, 0);
  }
  return {
    id: "nmap-sU",
    kind: "scan",
    title: "nmap -sU: 50 ports, one a second",
    ours: [OURS],
    services: SERVICES,
    scanners: [SCANNER],
    innocents: [],
    packets: link.packets(),
  };
}

/** See the file comment. */
export const UDP_SCAN: ScenarioMaker = { id: "nmap-sU", make: udpScan };
