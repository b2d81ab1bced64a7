/** What PortSentry says at its start of what it watches. */
import type { Transport } from "../../net/transport.ts";
import type { AnnouncementFacts } from "../announcement.ts";
import type { DialectEvent } from "./dialect.ts";
import { isClassic } from "./dialect.ts";
import { toldModesOf } from "./modes.ts";

/** @returns the events of both transports, those of TCP first; none for one that is off. */
export function startEvents(facts: AnnouncementFacts): DialectEvent[] {
  return (["tcp", "udp"] as const).flatMap((transport) => eventsOf(transport, facts));
}

function eventsOf(transport: Transport, facts: AnnouncementFacts): DialectEvent[] {
  const { configuration, isKernelSensing, served, listened } = facts;
  const { values, texts } = configuration;
  const isTcp = transport === "tcp";
  const watched = isTcp ? values.TCP_MODE : values.UDP_MODE;
  if (watched === "off") return [];
  const mode = toldModesOf(texts, isKernelSensing)[transport];
  const servedPorts = portsOf(served, transport);
  if (!isClassic(mode) && watched === "unused") {
    const below = isTcp ? values.ADVANCED_PORTS_TCP : values.ADVANCED_PORTS_UDP;
    return [
      {
        event: "range-watched",
        transport,
        below,
        excluded: [...(isTcp ? values.ADVANCED_EXCLUDE_TCP : values.ADVANCED_EXCLUDE_UDP)],
        served: [...servedPorts].filter((port) => port < below),
      },
    ];
  }
  const listed = [...(isTcp ? values.TCP_PORTS : values.UDP_PORTS)];
  // A list of both of 2.x's transports may be empty for one of them.
  if (listed.length === 0) return [];
  const listening = portsOf(listened, transport);
  const isWatched = (port: number) =>
    isClassic(mode) ? listening.has(port) : !servedPorts.has(port);
  const ports = listed.filter(isWatched);
  const others = listed.filter((port) => !isWatched(port));
  return [
    { event: "ports-watched", mode, transport, ports },
    ...others.map((port): DialectEvent => ({ event: "port-not-watched", mode, transport, port })),
  ];
}

function portsOf(all: AnnouncementFacts["served"], transport: Transport): Set<number> {
  return new Set(all.filter((one) => one.transport === transport).map(({ port }) => port));
}
