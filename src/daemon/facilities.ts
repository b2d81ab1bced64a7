/**
 * Opens what the guard needs and may not open itself, and says what is lost where it cannot.
 *
 * Nothing is given up for the lack of something else: without nftables the listener modes work,
 * without root the ports that need none.
 */
import type { Configuration } from "../config/load.ts";
import { OperationalError } from "../errors.ts";
import type { HealthTracker } from "../health/tracker.ts";
import { openNflog } from "../kernel/nflog.ts";
import { type Nftables, openNftables } from "../kernel/nftables.ts";
import { SNAP_BYTES } from "../kernel/table-log.ts";
import type { OwnedSocket } from "./guard-child.ts";
import { openListeners } from "./listeners.ts";
import { openRawSockets } from "./raw-sockets.ts";
import { challengeRateOf, phantomOf } from "./table-plan.ts";

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

/** What the machine and the command line leave of what the configuration wants. */
export interface SensingLimits {
  /** There is a table that senses. */
  readonly isKernelSensing: boolean;
  /** Nothing is held, banned or answered differently. */
  readonly isWatchOnly: boolean;
}

/**
 * Every socket that probes come from, and those that answer them. Those of `owned` that are still
 * right are among them; none is closed.
 * @throws {OperationalError} ERR_ALREADY_RUNNING when another guard reads the kernel's report in
 *   this namespace, ERR_UNAVAILABLE or ERR_PERMISSION when there is nothing to watch.
 */
export function openGuardSockets(
  configuration: Configuration,
  { isKernelSensing, isWatchOnly }: SensingLimits,
  health: HealthTracker,
  owned: readonly OwnedSocket[] = [],
): OwnedSocket[] {
  const { values } = configuration;
  const isAnswering =
    isKernelSensing &&
    (challengeRateOf(values, isWatchOnly) > 0 || phantomOf(values, isWatchOnly) !== "off");
  const sockets = [
    ...(isKernelSensing ? openSensing(configuration, owned) : []),
    ...openListeners(configuration, isKernelSensing, health, owned),
  ];
  if (sockets.length === 0) throw nothingToWatch(health);
  return [
    ...owned.filter(({ kind }) => kind === "api"),
    ...sockets,
    ...(isAnswering ? openRawSockets(health, owned) : []),
  ];
}

/** The kernel's report of probes, in every mode that has one. */
function openSensing(
  configuration: Configuration,
  owned: readonly OwnedSocket[],
): readonly OwnedSocket[] {
  const { TCP_MODE, UDP_MODE, SENSE_OTHER, NFLOG_GROUP } = configuration.values;
  const isKernelMode = [TCP_MODE, UDP_MODE].some((mode) => mode === "unused" || mode === "listed");
  if (!isKernelMode && !SENSE_OTHER) return [];
  const open = owned.find((socket) => socket.kind === "nflog" && socket.group === NFLOG_GROUP);
  if (open !== undefined) return [open];
  const fd = openNflog({ group: NFLOG_GROUP, snapBytes: SNAP_BYTES });
  return [{ kind: "nflog", fd, group: NFLOG_GROUP }];
}

function nothingToWatch(health: HealthTracker): OperationalError {
  if (process.getuid?.() !== 0) {
    return new OperationalError(
      "ERR_PERMISSION",
      "nothing can be watched without root: start it as root, or set TCP_PORTS to free ports from 1024 up",
    );
  }
  const why = health
    .list()
    .filter(({ code }) => code === "no-nftables" || code === "no-listeners")
    .map(({ text, action }) => `${text} ${action}`);
  return new OperationalError("ERR_UNAVAILABLE", `nothing can be watched: ${why.join(" ")}`);
}
