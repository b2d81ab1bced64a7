/** What happened in one hour of the wall clock, in numbers. */
export interface HourCounts {
  /** When it begins, a multiple of {@link HOUR_MS}: whole hours of UTC. */
  readonly hourEpochMs: number;
  /** Probes that the guard got, stray packets and repeats included. */
  readonly probes: number;
  /** Verdicts that were given, whatever followed; the same on stronger evidence is none. */
  readonly verdicts: number;
  /** Bans that were made, by verdicts and by command; one that is lengthened is none. */
  readonly bans: number;
}

export const HOUR_MS = 3_600_000;

/** @returns the beginning of the hour that holds this moment. */
export function hourOf(epochMs: number): number {
  return Math.floor(epochMs / HOUR_MS) * HOUR_MS;
}
