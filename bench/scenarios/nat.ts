/**
 * Two hundred people of an office behind one address, for a working day, with the slips that two
 * hundred people make; and the same with one among them who scans.
 */
import type { Scenario, ScenarioMaker } from "../scenario.ts";
import { Link } from "../traffic/link.ts";
import { Random } from "../traffic/random.ts";
import { nmapRun, nmapSyns } from "../traffic/senders.ts";
import {
  HOUR_MS,
  OTHER_PORTS,
  OURS,
  POPULAR_PORTS,
  SECOND_MS,
  SERVICES,
  STARTED_AT_EPOCH_MS,
} from "./ground.ts";

const OFFICE = "192.0.2.77";
const USERS = 200;
const VISITS_EACH = 10;
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

function officeDay(random: Random): Link {
  const link = new Link(OURS, SERVICES);
  const someTime = () => STARTED_AT_EPOCH_MS + DAY_BEGINS_MS + random.fraction() * DAY_LASTS_MS;
  const ends = (destinationPort: number) => ({
    source: OFFICE,
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
  return link;
}

function honestOffice(): Scenario {
  const link = officeDay(new Random(0x0ff1ce));
  return {
    id: "nat-honest",
    kind: "honest",
    title: "an office of 200 behind one address, for a day, with 18 who try ports in vain",
    ours: [OURS],
    services: SERVICES,
    scanners: [],
    innocents: [OFFICE],
    packets: link.packets(),
  };
}

function officeWithScanner(): Scenario {
  const random = new Random(0x0ff1ce);
  const link = officeDay(random);
  const run = nmapRun(OFFICE, OURS, random);
  const ports = [...random.shuffled(POPULAR_PORTS), ...random.shuffled(OTHER_PORTS)];
  const scanBeginsAtEpochMs = STARTED_AT_EPOCH_MS + 11 * HOUR_MS;
  for (const [index, destinationPort] of ports.entries()) {
    const [syn] = nmapSyns(run, [OFFICE], destinationPort, random);
    const atEpochMs = scanBeginsAtEpochMs + index * 3;
    if (syn !== undefined) link.probe(atEpochMs, syn, { ...run, destinationPort }, 1);
  }
  return {
    id: "nat-scanner",
    kind: "scan",
    title: "the office of 200, and at 11:00 one in it runs nmap -sS -F",
    ours: [OURS],
    services: SERVICES,
    scanners: [OFFICE],
    innocents: [OFFICE],
    scanBeginsAtEpochMs,
    packets: link.packets(),
  };
}

/** The day with nobody who scans. */
export const HONEST_OFFICE: ScenarioMaker = { id: "nat-honest", make: honestOffice };

/** The day with one who does. */
export const OFFICE_WITH_SCANNER: ScenarioMaker = { id: "nat-scanner", make: officeWithScanner };
