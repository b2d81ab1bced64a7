/**
 * Two thousand forged SYNs a second for half a minute, each from another address, and one true scan
 * among them, while customers are being served.
 */
import type { Scenario, ScenarioMaker } from "../scenario.ts";
import { Link } from "../traffic/link.ts";
import { Random } from "../traffic/random.ts";
import { forgedSyn, nmapRun, nmapSyns } from "../traffic/senders.ts";
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

const FORGED = 60_000;
const FORGED_EVERY_MS = 0.5;
const CUSTOMERS = 20;
/** 198.18.0.0/15, RFC 2544: for benchmarks, and nobody's. */
const FIRST_FORGED = "198.18.0.0";

function flood(): Scenario {
  const random = new Random(0xf100d);
  const link = new Link(OURS, SERVICES);
  const order = random.shuffled(Array.from({ length: FORGED }, (_, index) => index));
  const forged = order.map((index) => addressAt(FIRST_FORGED, index));
  for (const [index, source] of forged.entries()) {
    const ends = {
      source,
      destination: OURS,
      sourcePort: random.integer(1024, 0xffff),
      destinationPort: random.integer(1, 0xffff),
    };
    const atEpochMs = STARTED_AT_EPOCH_MS + index * FORGED_EVERY_MS;
    link.probe(atEpochMs, forgedSyn(ends, random), ends, undefined);
  }
  const customers = Array.from({ length: CUSTOMERS }, (_, index) => addressAt("192.0.2.10", index));
  for (const [index, source] of customers.entries()) {
    const ends = { source, destination: OURS, sourcePort: 51_000 + index, destinationPort: 443 };
    link.connect(STARTED_AT_EPOCH_MS + index * SECOND_MS, ends);
  }
  const run = nmapRun(SCANNER, OURS, random);
  const ports = [...random.shuffled(POPULAR_PORTS), ...random.shuffled(OTHER_PORTS)];
  for (const [index, destinationPort] of ports.entries()) {
    const [syn] = nmapSyns(run, [SCANNER], destinationPort, random);
    const atEpochMs = STARTED_AT_EPOCH_MS + 10 * SECOND_MS + index * 100;
    if (syn !== undefined) link.probe(atEpochMs, syn, { ...run, destinationPort }, 1);
  }
  return {
    id: "flood",
    kind: "scan",
    title: "60,000 SYNs from forged addresses in 30 s, a scan of 100 ports in 10 s among them",
    ours: [OURS],
    services: SERVICES,
    scanners: [SCANNER],
    innocents: [...forged, ...customers],
    packets: link.packets(),
  };
}

/** See the file comment. */
export const FLOOD: ScenarioMaker = { id: "flood", make: flood };
