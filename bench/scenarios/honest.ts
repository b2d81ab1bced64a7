/**
 * Honest senders that look like scanners to somebody: what a service that stops, a program that
 * tries its luck, or a packet that comes too late does to a machine.
 */
import type { Scenario, ScenarioMaker, Service } from "../scenario.ts";
import { Link } from "../traffic/link.ts";
import { encodeTcp, encodeUdp } from "../traffic/packets.ts";
import { Random } from "../traffic/random.ts";
import { TCP_ACK, TCP_FIN } from "../traffic/senders.ts";
import {
  addressAt,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  OURS,
  SECOND_MS,
  SERVICES,
  STARTED_AT_EPOCH_MS,
} from "./ground.ts";

const RESOLVERS: readonly string[] = ["192.0.2.53", "192.0.2.54"];

function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => addressAt("192.0.2.60", index));
}

function honest(link: Link, id: string, title: string, innocents: readonly string[]): Scenario {
  const { address, services } = link;
  const packets = link.packets();
  return { id, kind: "honest", title, ours: [address], services, scanners: [], innocents, packets };
}

/** A web server that is restarted while its clients go on asking it, each again after a second. */
function restart(): Scenario {
  const random = new Random(0x4e57);
  const from = STARTED_AT_EPOCH_MS + MINUTE_MS;
  const outages = [[from, from + 3 * SECOND_MS]] as const;
  const services = SERVICES.map((service) =>
    service.port === 22 ? service : { ...service, outages },
  );
  const link = new Link(OURS, services);
  const clients = addresses(190);
  for (const source of clients) {
    for (let second = 0; second < 120; second += random.integer(1, 4)) {
      const atEpochMs = STARTED_AT_EPOCH_MS + second * SECOND_MS + random.integer(0, 999);
      const destinationPort = random.pick([443, 443, 443, 80]);
      const sourcePort = random.integer(1024, 0xffff);
      link.connect(atEpochMs, { source, destination: OURS, sourcePort, destinationPort });
    }
  }
  return honest(link, "restart", "a web server is restarted under 190 clients, 3 s", clients);
}

/** Two load balancers that check a service every two seconds; it has been stopped for a day. */
function deadPort(): Scenario {
  const outages = [[0, STARTED_AT_EPOCH_MS + 2 * DAY_MS]] as const;
  const services: readonly Service[] = [...SERVICES, { transport: "tcp", port: 8080, outages }];
  const link = new Link(OURS, services);
  const balancers = addresses(2);
  for (const source of balancers) {
    for (let check = 0; check * 2 * SECOND_MS < DAY_MS; check += 1) {
      const ends = {
        source,
        destination: OURS,
        sourcePort: 1024 + (check % 60_000),
        destinationPort: 8080,
      };
      link.connect(STARTED_AT_EPOCH_MS + check * 2 * SECOND_MS, ends);
    }
  }
  return honest(
    link,
    "dead-port",
    "2 load balancers check a stopped service every 2 s, for a day",
    balancers,
  );
}

/**
 * Two monitors that check eight services a minute, of which five have been stopped for a day: one
 * asks for pages, which the services close, and one just connects, and closes by itself.
 */
function monitors(): Scenario {
  const outages = [[0, STARTED_AT_EPOCH_MS + 2 * DAY_MS]] as const;
  const stopped = [25, 3306, 5432, 8080, 9200];
  const services: readonly Service[] = [
    ...SERVICES,
    ...stopped.map((port) => ({ transport: "tcp" as const, port, outages })),
  ];
  const link = new Link(OURS, services);
  const sources = addresses(2);
  for (const [place, source] of sources.entries()) {
    const closedBy = place === 0 ? "server" : "client";
    for (let minute = 0; minute < 60; minute += 1) {
      for (const [index, { port }] of services.entries()) {
        const sourcePort = 30_000 + minute * 10 + index;
        const ends = { source, destination: OURS, sourcePort, destinationPort: port };
        const atEpochMs = STARTED_AT_EPOCH_MS + (minute * 2 + place) * 30 * SECOND_MS + index * 200;
        link.connect(atEpochMs, ends, { lastsMs: 50, closedBy });
      }
    }
  }
  const title = "2 monitors check 8 services a minute, 5 of them stopped";
  return honest(link, "monitors", title, sources);
}

/** Mail programs that look for the server of a domain whose web server this is. */
function mailPrograms(): Scenario {
  const random = new Random(0x3a11);
  const link = new Link(OURS, SERVICES);
  const programs = addresses(20);
  for (const [index, source] of programs.entries()) {
    const beganAtEpochMs = STARTED_AT_EPOCH_MS + index * HOUR_MS;
    for (const [place, port] of [443, 80, 993, 143, 995, 110, 465, 587, 25].entries()) {
      const ends = {
        source,
        destination: OURS,
        sourcePort: random.integer(1024, 0xffff),
        destinationPort: port,
      };
      link.connect(beganAtEpochMs + place * 300, ends, { stack: "windows" });
    }
  }
  return honest(
    link,
    "mail",
    "20 mail programs look for their server on every mail port",
    programs,
  );
}

/** Windows, told to open \\\\host\\share: both SMB ports at once, a name query, then the web server. */
function fileShares(): Scenario {
  const random = new Random(0x05ab);
  const link = new Link(OURS, SERVICES);
  const machines = addresses(20);
  for (const [index, source] of machines.entries()) {
    const beganAtEpochMs = STARTED_AT_EPOCH_MS + index * HOUR_MS;
    const from = (destinationPort: number) => ({
      source,
      destination: OURS,
      sourcePort: random.integer(1024, 0xffff),
      destinationPort,
    });
    for (const port of [445, 139]) {
      const ends = from(port);
      for (const afterMs of [0, 500, 1000]) {
        link.connect(beganAtEpochMs + afterMs, ends, { stack: "windows" });
      }
    }
    link.ask(beganAtEpochMs + 2000, { ...from(137), sourcePort: 137 }, 50);
    link.connect(beganAtEpochMs + 4000, from(80), { stack: "windows" });
  }
  return honest(link, "shares", "20 Windows machines try to open a file share", machines);
}

/** Answers that come when nobody waits any more, and ends of connections that have ended. */
function lateAnswers(): Scenario {
  const random = new Random(0x1a7e);
  const link = new Link(OURS, SERVICES);
  const clients = addresses(50);
  for (let question = 0; question < 200; question += 1) {
    const atEpochMs = STARTED_AT_EPOCH_MS + question * 10 * SECOND_MS;
    const resolver = random.pick(RESOLVERS);
    const sourcePort = random.integer(32_768, 60_999);
    const asked = { source: OURS, destination: resolver, sourcePort, destinationPort: 53 };
    const answered = {
      source: resolver,
      destination: OURS,
      sourcePort: 53,
      destinationPort: sourcePort,
    };
    link.pass(atEpochMs, encodeUdp({ ...asked, payloadBytes: 40 }));
    link.pass(
      atEpochMs + random.integer(6000, 200_000),
      encodeUdp({ ...answered, payloadBytes: 90 }),
    );
  }
  for (const [index, source] of clients.entries()) {
    const atEpochMs = STARTED_AT_EPOCH_MS + index * MINUTE_MS;
    const ends = { source, destination: OURS, sourcePort: 40_000 + index, destinationPort: 443 };
    const endedAtEpochMs = link.connect(atEpochMs, ends);
    const stray = { ...ends, window: 502, sequence: 1, acknowledgement: 1 };
    link.pass(endedAtEpochMs + 90 * SECOND_MS, encodeTcp({ ...stray, flags: TCP_ACK }));
    link.pass(endedAtEpochMs + 95 * SECOND_MS, encodeTcp({ ...stray, flags: TCP_FIN | TCP_ACK }));
  }
  const title = "late answers of 2 resolvers, and stray segments of 50 clients";
  return honest(link, "late", title, [...RESOLVERS, ...clients]);
}

/** People who look where their packets go: the last hops' datagrams reach us, each on a new port. */
function traceroutes(): Scenario {
  const link = new Link(OURS, SERVICES);
  const people = addresses(20);
  for (const [index, source] of people.entries()) {
    for (let probe = 0; probe < 16; probe += 1) {
      const atEpochMs = STARTED_AT_EPOCH_MS + index * HOUR_MS + probe * 60;
      const ends = {
        source,
        destination: OURS,
        sourcePort: 45_000 + probe,
        destinationPort: 33_460 + probe,
      };
      link.ask(atEpochMs, ends, 32);
    }
  }
  return honest(link, "traceroute", "20 people run traceroute to this machine", people);
}

/** Somebody who knows that there is a panel and not on which port, and then asks over SSH. */
function lookingForPanel(): Scenario {
  const link = new Link(OURS, SERVICES);
  const [source = ""] = addresses(1);
  for (const [index, port] of [443, 8443, 8080, 10_000, 22].entries()) {
    const ends = { source, destination: OURS, sourcePort: 50_000 + index, destinationPort: port };
    link.connect(STARTED_AT_EPOCH_MS + index * 20 * SECOND_MS, ends, {
      stack: "windows",
      lastsMs: SECOND_MS,
    });
  }
  return honest(link, "panel", "somebody looks for the panel on 8443, 8080 and 10000", [source]);
}

/** See the file comment. */
export const HONEST: readonly ScenarioMaker[] = [
  { id: "restart", make: restart },
  { id: "dead-port", make: deadPort },
  { id: "monitors", make: monitors },
  { id: "mail", make: mailPrograms },
  { id: "shares", make: fileShares },
  { id: "late", make: lateAnswers },
  { id: "traceroute", make: traceroutes },
  { id: "panel", make: lookingForPanel },
];
