/**
 * Scans that come from many addresses, or seem to: decoys, a scan shared out among fifty machines,
 * one sender with a fresh IPv6 address for every probe, and a scan in an innocent's name.
 */
import type { Scenario, ScenarioMaker } from "../scenario.ts";
import { Link } from "../traffic/link.ts";
import { Random } from "../traffic/random.ts";
import { nmapRun, nmapSyns, stackSyn } from "../traffic/senders.ts";
import {
  addressAt,
  OTHER_PORTS,
  OURS,
  POPULAR_PORTS,
  SCANNER,
  SECOND_MS,
  SERVICES,
  STARTED_AT_EPOCH_MS,
} from "./ground.ts";

const OURS6 = "2001:db8:1::10";
const SOURCES = 50;

function scanOf(
  link: Link,
  more: Pick<Scenario, "id" | "title" | "scanners" | "innocents">,
): Scenario {
  const { address, services } = link;
  return { kind: "scan", ours: [address], services, packets: link.packets(), ...more };
}

/** nmap -D with nine names: the first three are customers who are just being served. */
function decoys(): Scenario {
  const random = new Random(0xdec0);
  const link = new Link(OURS, SERVICES);
  const names = Array.from({ length: 9 }, (_, index) => addressAt("192.0.2.40", index));
  for (const [index, customer] of names.slice(0, 3).entries()) {
    const ends = { source: customer, destination: OURS, sourcePort: 51_000, destinationPort: 443 };
    link.connect(STARTED_AT_EPOCH_MS + index * 10, ends, { lastsMs: 5 * SECOND_MS });
  }
  const run = nmapRun(SCANNER, OURS, random);
  // nmap puts the sender somewhere among the decoys.
  const sources = names.toSpliced(5, 0, SCANNER);
  for (const [index, destinationPort] of portsInOrder(random).entries()) {
    const atEpochMs = STARTED_AT_EPOCH_MS + SECOND_MS + index * 3;
    for (const [place, syn] of nmapSyns(run, sources, destinationPort, random).entries()) {
      const ends = { ...run, source: sources[place] as string, destinationPort };
      link.probe(atEpochMs + place * 0.02, syn, ends, 1);
    }
  }
  const title = "nmap -sS -F -D: 100 ports under 9 other names";
  return scanOf(link, { id: "decoys", title, scanners: [SCANNER], innocents: names });
}

/** Fifty machines of one operator share out ports among them, and take turns at random. */
function sharedOut(id: string, portsEach: number, pauseMs: number, words: string): Scenario {
  const random = new Random(0x5050 + portsEach);
  const link = new Link(OURS, SERVICES);
  const sources = Array.from({ length: SOURCES }, (_, index) => addressAt("203.0.113.100", index));
  const ports = random.shuffled(Array.from({ length: 4000 }, (_, index) => index + 1));
  const turns = sources.flatMap((source, place) =>
    ports
      .slice(place * portsEach, (place + 1) * portsEach)
      .map((destinationPort) => ({ source, destinationPort })),
  );
  for (const [index, { source, destinationPort }] of random.shuffled(turns).entries()) {
    const sourcePort = random.integer(32_768, 60_999);
    const ends = { source, destination: OURS, sourcePort, destinationPort };
    const syn = stackSyn(ends, "linux", random.word());
    link.probe(STARTED_AT_EPOCH_MS + index * pauseMs, syn, ends, 1);
  }
  return scanOf(link, { id, title: words, scanners: sources, innocents: [] });
}

/** Whoever has a /64 has a new address for every probe. */
function freshAddresses(): Scenario {
  const random = new Random(0x6464);
  const link = new Link(OURS6, SERVICES);
  for (const [index, destinationPort] of portsInOrder(random).entries()) {
    const source = `2001:db8:66:66::${random.integer(1, 0xffff).toString(16)}`;
    const ends = { source, destination: OURS6, sourcePort: 40_000, destinationPort };
    link.probe(STARTED_AT_EPOCH_MS + index * 100, stackSyn(ends, "linux", random.word()), ends, 1);
  }
  const title = "IPv6: 100 ports, each from another address of one /64";
  return scanOf(link, { id: "ipv6", title, scanners: ["2001:db8:66:66::"], innocents: [] });
}

/** Somebody else writes an innocent's address into a hundred packets. */
function framed(): Scenario {
  const random = new Random(0xf0f0);
  const link = new Link(OURS, SERVICES);
  const victim = "192.0.2.200";
  const run = nmapRun(victim, OURS, random);
  for (const [index, destinationPort] of portsInOrder(random).entries()) {
    const [syn] = nmapSyns(run, [victim], destinationPort, random);
    const ends = { ...run, destinationPort };
    if (syn !== undefined) link.probe(STARTED_AT_EPOCH_MS + index * 3, syn, ends, 1);
  }
  const title = "100 SYNs forged in the name of a host that sends nothing";
  return {
    ...scanOf(link, { id: "framed", title, scanners: [], innocents: [victim] }),
    kind: "honest",
  };
}

function portsInOrder(random: Random): number[] {
  return [...random.shuffled(POPULAR_PORTS), ...random.shuffled(OTHER_PORTS)];
}

/** Those that scan. */
export const MANY_SENDERS: readonly ScenarioMaker[] = [
  { id: "decoys", make: decoys },
  {
    id: "50x20",
    make: () => sharedOut("50x20", 20, 200, "50 sources, 20 ports each, a port every 0.2 s in all"),
  },
  {
    id: "50x3",
    make: () => sharedOut("50x3", 3, 200, "50 sources, 3 ports each, a port every 0.2 s in all"),
  },
  { id: "ipv6", make: freshAddresses },
];

/** The one in which nobody does who seems to. */
export const FRAMED: ScenarioMaker = { id: "framed", make: framed };
