/**
 * The part of a rule that tells user space of a packet, and how much it tells.
 *
 * A sender decides how many packets there are. Each kind has a limit of its own, so that none hides
 * another; what a limit does not let pass goes on to the next rule, which counts it.
 */
import type { TableOptions } from "./table-options.ts";

/**
 * Bytes of a probe that the log copies: IPv6 and a whole TCP header are 100, and an extension
 * header of 128 must not hide the ports. The group's own copy range must be as large.
 */
export const SNAP_BYTES = 256;

/** Shares of `nflogRate` that a kind of packet has for itself: in a second, and at once. */
const LOG_SHARES = {
  probe: [1, 0.4],
  hold: [0.4, 0.1],
  /** As probe and hold, and answered by the guard. */
  open: [1, 0.4],
  trap: [0.4, 0.1],
  /** What those say who were answered; bait: at a real service. */
  reply: [0.02, 0.1],
  bait: [0.02, 0.1],
} as const;

/** @returns the part of a rule that logs a packet and is passed over beyond the limit. */
export function encodeLog(
  prefix: keyof typeof LOG_SHARES,
  { nflogGroup, nflogRate }: Pick<TableOptions, "nflogGroup" | "nflogRate">,
): string {
  const [rate, burst] = LOG_SHARES[prefix].map((share) => nflogRate * share) as [number, number];
  return `limit rate ${Math.ceil(rate)}/second burst ${Math.ceil(burst)} packets log prefix "${prefix}" group ${nflogGroup} snaplen ${SNAP_BYTES} queue-threshold 64`;
}
