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
import { SNAP_BYTES } from "../kernel/table-probe.ts";
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
