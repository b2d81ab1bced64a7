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

/** Packets that go to user space together, or at the next tick: a flood costs one wake-up for many. */
const BATCH_PACKETS = 64;

interface LogShare {
  /** Packets a second, and at once: as a part of `nflogRate`. */
  readonly rate: number;
  readonly burst: number;
  /** Each goes to user space alone and at once: it is answered, and a service does not wait. */
  readonly isPrompt?: boolean;
}

/** What each kind of packet has for itself. */
const LOG_SHARES = {
  probe: { rate: 1, burst: 0.4 },
  hold: { rate: 0.4, burst: 0.1 },
  /** As probe and hold, and answered by the guard; the first of them promptly. */
  "open promptly": { rate: 0.04, burst: 0.04, isPrompt: true },
  "trap promptly": { rate: 0.04, burst: 0.04, isPrompt: true },
  open: { rate: 1, burst: 0.4 },
  trap: { rate: 0.4, burst: 0.1 },
  /** What those say who were answered; bait: at a real service. */
  reply: { rate: 0.02, burst: 0.1, isPrompt: true },
  bait: { rate: 0.02, burst: 0.1, isPrompt: true },
} as const satisfies Readonly<Record<string, LogShare>>;

/**
 * The first word of `kind` is the prefix by which user space knows the packet.
 * @returns the part of a rule that logs a packet and is passed over beyond the limit.
 */
export function encodeLog(
  kind: keyof typeof LOG_SHARES,
  { nflogGroup, nflogRate }: Pick<TableOptions, "nflogGroup" | "nflogRate">,
): string {
  const { rate, burst, isPrompt = false }: LogShare = LOG_SHARES[kind];
  const limit = `limit rate ${Math.ceil(nflogRate * rate)}/second burst ${Math.ceil(nflogRate * burst)} packets`;
  const batch = isPrompt ? 1 : BATCH_PACKETS;
  return `${limit} log prefix "${kind.split(" ")[0]}" group ${nflogGroup} snaplen ${SNAP_BYTES} queue-threshold ${batch}`;
}
