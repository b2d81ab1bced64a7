/**
 * Opens the listeners of the modes `tcp` and `udp`, and says which ports could not be had and why.
 *
 * A port that a service has is left to it and told of. There is no limit to how many are listed:
 * the limit of open files is raised where we may, and what does not fit is told of, too, so that
 * neither process runs out of descriptors for its other work.
 */
import type { Configuration } from "../config/load.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { raiseDescriptorLimit } from "../kernel/descriptor-limit.ts";
import { type ListenerOutcome, openTcpListener, openUdpSocket } from "../kernel/listeners.ts";
import { formatPorts, type PortSet } from "../net/port-range.ts";
import type { Transport } from "../net/transport.ts";
import type { OwnedSocket } from "./guard-child.ts";

/** Descriptors for all but listeners: the API, the journal, banners, Node's own. */
const KEPT_DESCRIPTORS = 400;

const OPEN = { tcp: openTcpListener, udp: openUdpSocket };

/** A port that is not listened to. */
interface Loss {
  readonly transport: Transport;
  readonly port: number;
  readonly status: Exclude<ListenerOutcome["status"], "open">;
  readonly reason: string;
}

const REASONS = {
  "in-use": "in use",
  forbidden: "not allowed",
  "out-of-descriptors": "too many open files",
} as const;

/** What to do about it, the most telling first. */
const ACTIONS: readonly (readonly [Loss["status"], string])[] = [
  ["forbidden", "Ports below 1024 need root."],
  ["out-of-descriptors", "Raise the limit of open files: ulimit -n, or LimitNOFILE= of the unit."],
  ["failed", "The kernel says why; take the ports off the list if it is right."],
  ["in-use", "Services have them: take them off the list, or leave it so."],
];

/**
 * @param isKernelSensing where the kernel cannot sense, every mode listens.
 * @param owned sockets that are open already; those that are still right are among the answer.
 */
export function openListeners(
  configuration: Configuration,
  isKernelSensing: boolean,
  health: HealthTracker,
  owned: readonly OwnedSocket[] = [],
): OwnedSocket[] {
  const { TCP_MODE, UDP_MODE, TCP_PORTS, UDP_PORTS } = configuration.values;
  const listens = (mode: typeof TCP_MODE) =>
    mode === "listen" || (mode !== "off" && !isKernelSensing);
  const wanted: (readonly [Transport, PortSet])[] = [
    ...(listens(TCP_MODE) ? [["tcp", TCP_PORTS] as const] : []),
    ...(listens(UDP_MODE) ? [["udp", UDP_PORTS] as const] : []),
  ];
  let room = roomFor(wanted.reduce((total, [, ports]) => total + ports.size, 0));
  const sockets: OwnedSocket[] = [];
  const losses: Loss[] = [];
  for (const [transport, ports] of wanted) {
    for (const port of ports) {
      const own = findListener(owned, transport, port);
      if (own !== undefined) {
        room--;
        sockets.push(own);
        continue;
      }
      const outcome: ListenerOutcome =
        room > 0 ? OPEN[transport](port) : { status: "out-of-descriptors" };
      if (outcome.status === "open") {
        room--;
        sockets.push({ kind: `${transport}-listener`, fd: outcome.fd, port });
      } else {
        const { status } = outcome;
        const reason = status === "failed" ? outcome.reason : REASONS[status];
        losses.push({ transport, port, status, reason });
      }
    }
  }
  const blind = wanted
    .filter(([transport, { size }]) => size > 0 && size === lossesOf(losses, transport).length)
    .map(([transport]) => transport);
  tellLosses(losses, blind, health);
  return sockets;
}

function findListener(owned: readonly OwnedSocket[], transport: Transport, port: number) {
  const kind = `${transport}-listener` as const;
  return owned.find((socket) => socket.kind === kind && socket.port === port);
}

/** @returns how many of `count` sockets may be opened. */
function roomFor(count: number): number {
  if (count === 0) return 0;
  const limit = raiseDescriptorLimit(count + KEPT_DESCRIPTORS);
  return limit - Math.min(KEPT_DESCRIPTORS, Math.floor(limit / 2));
}

/** @param blind transports of which no port at all is listened to. */
function tellLosses(losses: readonly Loss[], blind: readonly Transport[], health: HealthTracker) {
  if (losses.length === 0) {
    health.clear("no-listeners");
    return;
  }
  const texts = (["tcp", "udp"] as const).flatMap((transport) =>
    [...Map.groupBy(lossesOf(losses, transport), ({ reason }) => reason)].map(
      ([reason, lost]) => `${transport} ${formatPorts(lost.map(({ port }) => port))} (${reason})`,
    ),
  );
  const nothing = blind.map((transport) => ` Nothing is watched of ${transport}.`).join("");
  const isOrdinary = blind.length === 0 && losses.every(({ status }) => status === "in-use");
  const [, action = ""] = ACTIONS.find(([status]) => losses.some((l) => l.status === status)) ?? [];
  health.raise(
    "no-listeners",
    isOrdinary ? "notice" : "warning",
    `These ports are not listened to: ${texts.join("; ")}.${nothing}`,
    action,
  );
}

function lossesOf(losses: readonly Loss[], transport: Transport): readonly Loss[] {
  return losses.filter((loss) => loss.transport === transport);
}
