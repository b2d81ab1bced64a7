/**
 * Passive FTP: every transfer has a port of its own, which somebody listens on for a moment. One
 * client in fifty comes too late, when nobody listens any more: a port without a service.
 */
import type { Scenario, ScenarioMaker, Service } from "../scenario.ts";
import { Link } from "../traffic/link.ts";
import { Random } from "../traffic/random.ts";
import { addressAt, HOUR_MS, OURS, SECOND_MS, SERVICES, STARTED_AT_EPOCH_MS } from "./ground.ts";

const CLIENTS = 20;
const TRANSFERS_EACH = 30;
const DAY_LASTS_MS = 8 * HOUR_MS;
const FIRST_PORT = 40_000;
const PORTS = 100;
/** vsftpd.conf(5), accept_timeout. */
const LISTENS_MS = 60 * SECOND_MS;
const LATE_SHARE = 0.02;

interface Transfer {
  readonly source: string;
  readonly port: number;
  readonly askedAtEpochMs: number;
  readonly connectsAfterMs: number;
}

function passiveFtp(): Scenario {
  const random = new Random(0xf79);
  const clients = Array.from({ length: CLIENTS }, (_, index) => addressAt("192.0.2.60", index));
  const transfers = clients.flatMap((source) =>
    Array.from({ length: TRANSFERS_EACH }, (): Transfer => {
      const isLate = random.fraction() < LATE_SHARE;
      return {
        source,
        port: FIRST_PORT + random.integer(0, PORTS - 1),
        askedAtEpochMs: STARTED_AT_EPOCH_MS + random.fraction() * DAY_LASTS_MS,
        connectsAfterMs: isLate ? LISTENS_MS + random.integer(1, 30) * SECOND_MS : 200,
      };
    }),
  );
  const services: readonly Service[] = [
    ...SERVICES,
    { transport: "tcp", port: 21 },
    ...Array.from({ length: PORTS }, (_, index) => listenerOf(FIRST_PORT + index, transfers)),
  ];
  const link = new Link(OURS, services);
  for (const { source, port, askedAtEpochMs, connectsAfterMs } of transfers) {
    const from = { source, destination: OURS, sourcePort: random.integer(1024, 0xffff) };
    const lastsMs = LISTENS_MS + 40 * SECOND_MS;
    link.connect(askedAtEpochMs - 500, { ...from, destinationPort: 21 }, { lastsMs });
    link.connect(askedAtEpochMs + connectsAfterMs, { ...from, destinationPort: port });
  }
  return {
    id: "ftp",
    kind: "honest",
    title: "20 clients of passive FTP, 600 transfers in a day, one in fifty too late",
    ours: [OURS],
    services,
    scanners: [],
    innocents: clients,
    packets: link.packets(),
  };
}

/** Nobody listens on the port but for a client that has asked and has not come yet. */
function listenerOf(port: number, transfers: readonly Transfer[]): Service {
  const spans = transfers
    .filter((transfer) => transfer.port === port)
    .map(({ askedAtEpochMs, connectsAfterMs }) => ({
      fromEpochMs: askedAtEpochMs,
      // To the moment behind the accepted connection.
      untilEpochMs: askedAtEpochMs + Math.min(connectsAfterMs + 1, LISTENS_MS),
    }))
    .toSorted((a, b) => a.fromEpochMs - b.fromEpochMs);
  const outages: (readonly [number, number])[] = [];
  let closedAtEpochMs = 0;
  for (const { fromEpochMs, untilEpochMs } of spans) {
    if (fromEpochMs > closedAtEpochMs) outages.push([closedAtEpochMs, fromEpochMs]);
    closedAtEpochMs = Math.max(closedAtEpochMs, untilEpochMs);
  }
  return {
    transport: "tcp",
    port,
    outages: [...outages, [closedAtEpochMs, Number.POSITIVE_INFINITY]],
  };
}

/** See the file comment. */
export const PASSIVE_FTP: ScenarioMaker = { id: "ftp", make: passiveFtp };
