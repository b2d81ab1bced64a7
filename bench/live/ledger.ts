/** What became of packets that were sent at a guard, from two looks at it and at the wire. Pure. */

/** Packets by the guard's own counts, since its start. */
export interface Tally {
  readonly seen: number;
  /** Counted, and beyond what it is configured to look at; left out: it counts none. */
  readonly limited?: number;
  /** Counted as lost on their way to it; left out: it counts none. */
  readonly lost?: number;
}

/** One look. All but memory only grows. */
export interface Look {
  /** Packets that have come to the machine's input. */
  readonly arrived: number;
  /** undefined: it cannot be told. */
  readonly tally: Tally | undefined;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Of its log and of the files that it keeps. */
  readonly writtenBytes: number;
}

export interface Ledger {
  readonly arrived: number;
  /** Shares of what arrived. Percent. */
  readonly seenPercent?: number;
  readonly limitedPercent?: number;
  /** Packets. */
  readonly lost?: number;
  /** Packets that arrived and are in none of its counts, or in more than one. */
  readonly unaccounted?: number;
  /** Microseconds for each packet that it was given. */
  readonly cpuMicroseconds?: number;
  /** Negative: less than before. */
  readonly grownBytes: number;
  readonly writtenBytes: number;
}

/** @returns what happened between the two. */
export function ledgerOf(before: Look, after: Look): Ledger {
  const arrived = after.arrived - before.arrived;
  const plain = {
    arrived,
    grownBytes: after.residentBytes - before.residentBytes,
    writtenBytes: after.writtenBytes - before.writtenBytes,
  };
  if (before.tally === undefined || after.tally === undefined || arrived === 0) return plain;
  const seen = after.tally.seen - before.tally.seen;
  const limited = between(before.tally.limited, after.tally.limited);
  const lost = between(before.tally.lost, after.tally.lost);
  const counted = sumOf(after.tally) - sumOf(before.tally);
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    ...plain,
    seenPercent: (100 * seen) / arrived,
    ...(limited !== undefined && { limitedPercent: (100 * limited) / arrived }),
    ...(lost !== undefined && { lost }),
    unaccounted: Math.abs(arrived - counted),
    ...(seen > 0 && { cpuMicroseconds: (1e6 * cpuSeconds) / seen }),
  };
}

function between(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}

/** All that it has an account of. */
export function sumOf({ seen, limited = 0, lost = 0 }: Tally): number {
  return seen + limited + lost;
}
