/**
 * How evidence, kinds of probes and the name of a campaign stand in the columns of a source table:
 * small numbers, which are saved, too.
 */
import { EVIDENCE_LEVELS, type Evidence } from "../model/evidence.ts";
import { PROBE_KINDS, type ProbeKind } from "../model/probe.ts";

/** From weakest to strongest, 0 on. */
export const EVIDENCE_RANKS = Object.fromEntries(
  EVIDENCE_LEVELS.map((level, rank) => [level, rank]),
) as Readonly<Record<Evidence, number>>;

/** A bit each, in the order of {@link PROBE_KINDS}. */
export const KIND_BITS = Object.fromEntries(
  PROBE_KINDS.map((kind, rank) => [kind, 1 << rank]),
) as Readonly<Record<ProbeKind, number>>;

/** @returns the level of this rank, which must be one of {@link EVIDENCE_RANKS}. */
export function evidenceOfRank(rank: number): Evidence {
  return EVIDENCE_LEVELS[rank] as Evidence;
}

/** @returns the kinds whose bits are set, in the order of {@link PROBE_KINDS}. */
export function kindsOfBits(bits: number): ProbeKind[] {
  return PROBE_KINDS.filter((kind) => (bits & KIND_BITS[kind]) !== 0);
}

/**
 * "mbz1k2p0-1f": the wall time of the first probe, and the record's number in this process.
 * @param firstAtEpochMs by one clock for all probes of a campaign, so that its name stays.
 */
export function nameCampaign(firstAtEpochMs: number, number: number): string {
  return `${Math.round(firstAtEpochMs).toString(36)}-${number.toString(36)}`;
}
