/**
 * Opens what the guard needs and may not open itself, and says what is lost where it cannot.
 *
 * Nothing is given up for the lack of something else: without nftables the listener modes work,
 * without root the ports that need none.
 */
import type { Configuration } from "../config/load.ts";
import { OperationalError } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { openTcpListener, openUdpSocket } from "../kernel/listeners.ts";
import { openNflog } from "../kernel/nflog.ts";
import { type Nftables, openNftables } from "../kernel/nftables.ts";
import { SNAP_BYTES } from "../kernel/table-probe.ts";
import { formatPorts, type PortSet } from "../net/port-range.ts";
import type { OwnedSocket } from "./guard-child.ts";

/** What a mode that cannot be had leaves to be said. */
const WHAT_NFTABLES_GIVES =
  "no scan is sensed in the kernel, nothing is held and nothing is banned";

/** @returns nftables, or undefined and a health problem that says what is lost. */
export function openFirewall(health: HealthTracker): Nftables | undefined {
  try {
    return openNftables();
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    const isRoot = process.getuid?.() === 0;
    health.raise(
      isRoot ? "no-nftables" : "no-root",
      "warning",
      `${isRoot ? error.message.split(":")[0] : "Not root"}: ${WHAT_NFTABLES_GIVES}.`,
      isRoot ? "Install it: apt-get install nftables" : "Start it as root: sudo npm start",
    );
    return undefined;
  }
}

/**
 * The kernel's report of probes, in every mode that has one.
 * @throws {OperationalError} ERR_ALREADY_RUNNING when another guard reads it in this namespace.
 */
export function openSensing(configuration: Configuration): OwnedSocket[] {
  const { TCP_MODE, UDP_MODE, NFLOG_GROUP } = configuration.values;
  const isKernelMode = [TCP_MODE, UDP_MODE].some((mode) => mode === "unused" || mode === "listed");
  if (!isKernelMode) return [];
  return [{ kind: "nflog", fd: openNflog({ group: NFLOG_GROUP, snapBytes: SNAP_BYTES }) }];
}

/** Listeners of the modes `tcp` and `udp`, and of every mode where the kernel cannot sense. */
export function openListeners(
  configuration: Configuration,
  isKernelSensing: boolean,
  health: HealthTracker,
): OwnedSocket[] {
  const { TCP_MODE, UDP_MODE, TCP_PORTS, UDP_PORTS } = configuration.values;
  const listens = (mode: typeof TCP_MODE) =>
    mode === "listen" || (mode !== "off" && !isKernelSensing);
  const refused: string[] = [];
  const open = (
    kind: "tcp-listener" | "udp-listener",
    ports: PortSet,
    openPort: typeof openTcpListener,
  ): OwnedSocket[] => {
    const closed: number[] = [];
    const sockets = [...ports].flatMap((port): OwnedSocket[] => {
      const outcome = openPort(port);
      if (outcome.status === "open") return [{ kind, fd: outcome.fd, port }];
      // A port in use has a real service: it is not ours to watch.
      if (outcome.status === "failed") closed.push(port);
      return [];
    });
    if (closed.length > 0) refused.push(`${kind.slice(0, 3)} ${formatPorts(closed)}`);
    return sockets;
  };
  const sockets = [
    ...(listens(TCP_MODE) ? open("tcp-listener", TCP_PORTS, openTcpListener) : []),
    ...(listens(UDP_MODE) ? open("udp-listener", UDP_PORTS, openUdpSocket) : []),
  ];
  if (refused.length > 0) {
    health.raise(
      "no-listeners",
      "warning",
      `These ports could not be listened to: ${refused.join("; ")}.`,
      "Ports below 1024 need root.",
    );
  }
  return sockets;
}
