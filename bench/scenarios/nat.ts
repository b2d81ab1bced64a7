/**
 * Two hundred people of an office behind one address, for a working day, with the slips that two
 * hundred people make; and the same with one among them who scans.
 *
 * Whether the slips of a day look like a scan depends on when they happen to be made, so there are
 * a dozen such offices.
 */
import type { Scenario, ScenarioMaker } from "../scenario.ts";
import { Link } from "../traffic/link.ts";
import { Random } from "../traffic/random.ts";
import { nmapRun, nmapSyns } from "../traffic/senders.ts";
import {
  addressAt,
  HOUR_MS,
  OTHER_PORTS,
  OURS,
  POPULAR_PORTS,
  SECOND_MS,
  SERVICES,
  STARTED_AT_EPOCH_MS,
} from "./ground.ts";

const FIRST_OFFICE = "192.0.2.100";
const OFFICES = 12;
const USERS = 200;
const VISITS_EACH = 5;
const DAY_BEGINS_MS = 8 * HOUR_MS;
const DAY_LASTS_MS = 9 * HOUR_MS;

/**
 * Ports that nobody serves, and how many of the two hundred try them on that day: an old bookmark,
 * a mail program that looks for its server, somebody who mistypes the panel's address, a file
 * program that remembers FTP.
 */
const SLIPS: readonly (readonly [ports: readonly number[], users: number])[] = [
  [[8080], 12],
  [[993, 143, 995, 110, 465, 587], 3],
  [[8443], 2],
  [[21], 1],
];

function officeDay(link: Link, office: string, random: Random): void {
  const someTime = () => STARTED_AT_EPOCH_MS + DAY_BEGINS_MS + random.fraction() * DAY_LASTS_MS;
  const ends = (destinationPort: number) => ({
    source: office,
    destination: OURS,
    sourcePort: random.integer(1024, 0xffff),
    destinationPort,
  });
  for (let visit = 0; visit < USERS * VISITS_EACH; visit += 1) {
    const port = random.fraction() < 0.05 ? 80 : 443;
    link.connect(someTime(), ends(port), { stack: "windows", lastsMs: 20 * SECOND_MS });
  }
  for (const [ports, users] of SLIPS) {
    for (let user = 0; user < users; user += 1) {
      const beganAtEpochMs = someTime();
      for (const [index, port] of ports.entries()) {
        const attempt = ends(port);
        // Windows asks a closed port three times, half a second apart.
        for (let repeat = 0; repeat < 3; repeat += 1) {
          const afterMs = index * 2 * SECOND_MS + repeat * 500;
          link.connect(beganAtEpochMs + afterMs, attempt, { stack: "windows" });
        }
      }
    }
  }
}

function honestOffices(): Scenario {
  const link = new Link(OURS, SERVICES);
  const offices = Array.from({ length: OFFICES }, (_, index) => addressAt(FIRST_OFFICE, index));
  for (const [index, office] of offices.entries()) officeDay(link, office, new Random(index));
  return {
    id: "nat-honest",
    kind: "honest",
    title: "12 offices of 200, each behind one address, for a day; in each 18 try ports in vain",
    ours: [OURS],
    services: SERVICES,
    scanners: [],
    innocents: offices,
    packets: link.packets(),
  };
}

function officesWithScanner(): Scenario {
  const link = new Link(OURS, SERVICES);
  const offices = Array.from({ length: OFFICES }, (_, index) => addressAt(FIRST_OFFICE, index));
  const scanBeginsAtEpochMs = STARTED_AT_EPOCH_MS + 11 * HOUR_MS;
  for (const [index, office] of offices.entries()) {
    const random = new Random(index);
    officeDay(link, office, random);
    const run = nmapRun(office, OURS, random);
    const ports = [...random.shuffled(POPULAR_PORTS), ...random.shuffled(OTHER_PORTS)];
    for (const [place, destinationPort] of ports.entries()) {
      const [syn] = nmapSyns(run, [office], destinationPort, random);
      const atEpochMs = scanBeginsAtEpochMs + index * SECOND_MS + place * 3;
      if (syn !== undefined) link.probe(atEpochMs, syn, { ...run, destinationPort }, 1);
    }
  }
  return {
    id: "nat-scanner",
    kind: "scan",
    title: "the 12 offices of 200, and at 11:00 one in each runs nmap -sS -F",
    ours: [OURS],
    services: SERVICES,
    scanners: offices,
    innocents: offices,
    scanBeginsAtEpochMs,
    packets: link.packets(),
  };
}

/** The day with nobody who scans. */
export const HONEST_OFFICES: ScenarioMaker = { id: "nat-honest", make: honestOffices };

/** The day with one in each who does. */
export const OFFICES_WITH_SCANNER: ScenarioMaker = { id: "nat-scanner", make: officesWithScanner };
