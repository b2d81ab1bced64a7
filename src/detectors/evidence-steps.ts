/**
 * By which ways the source of each campaign has become more than a claim: one slot a campaign, as in
 * the source table beside which this stands.
 *
 * A way and what it led to are one step, kept with the port and time of the first, so that there are
 * seven at the most, however often somebody answers or connects. They wait here until somebody is
 * told: a campaign that is no more than a stray packet has no story yet, and a forger can have any
 * live host answer once. Memory is fixed, 72 bytes a slot; only the telling allocates.
 */
import {
  EVIDENCE_WAYS,
  type EvidenceStep,
  type EvidenceWay,
  type Proof,
} from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import { EVIDENCE_RANKS, evidenceOfRank } from "./slot-values.ts";

/** What can be reached: alive and proven. */
const LEVELS = 2;

/** Steps that one campaign can have; an answer proves nobody, so that one is never taken. */
const STEPS = EVIDENCE_WAYS.length * LEVELS;

/** A step of one campaign, without whose it is. */
export type TakenStep = Pick<EvidenceStep, "way" | "evidence" | "port"> & {
  /** Monotonic milliseconds. */
  readonly atMs: number;
};

/** @returns by which way a probe or a proof shows its evidence, be it less than this. */
export function wayOf({
  evidence,
  sensor,
}: Pick<Probe, "evidence"> & Partial<Pick<Probe, "sensor">>): EvidenceWay {
  if (evidence !== "proven") return "answer";
  return sensor === "tcp-listener" ? "connection" : "handshake";
}

export class EvidenceSteps {
  /** A bit a step. */
  readonly #taken: Uint8Array;
  readonly #untold: Uint8Array;
  /** {@link STEPS} a slot; valid iff the step's bit is set. */
  readonly #ports: Uint16Array;
  readonly #atMs: Float64Array;

  /** @param capacity slots of the table. */
  constructor(capacity: number) {
    this.#taken = new Uint8Array(capacity);
    this.#untold = new Uint8Array(capacity);
    this.#ports = new Uint16Array(capacity * STEPS);
    this.#atMs = new Float64Array(capacity * STEPS);
  }

  /** The slot is another campaign's from now on. */
  begin(slot: number): void {
    this.#taken[slot] = 0;
    this.#untold[slot] = 0;
  }

  /** Keeps a step, if the campaign does not have it yet. @param port without meaning for "earlier". */
  take(
    slot: number,
    way: EvidenceWay,
    evidence: Proof["evidence"],
    port: number,
    atMs: number,
  ): void {
    const step = EVIDENCE_WAYS.indexOf(way) * LEVELS + EVIDENCE_RANKS[evidence] - 1;
    const taken = this.#taken[slot] as number;
    if ((taken & (1 << step)) !== 0) return;
    this.#taken[slot] = taken | (1 << step);
    this.#untold[slot] = (this.#untold[slot] as number) | (1 << step);
    this.#ports[slot * STEPS + step] = port;
    this.#atMs[slot * STEPS + step] = atMs;
  }

  /** Whether there is any that {@link tell} would return. */
  hasUntold(slot: number): boolean {
    return this.#untold[slot] !== 0;
  }

  /** @returns the steps that it has not returned before, the earliest first. */
  tell(slot: number): TakenStep[] {
    const untold = this.#untold[slot] as number;
    this.#untold[slot] = 0;
    return EVIDENCE_WAYS.flatMap((way, place) =>
      Array.from({ length: LEVELS }, (_, level) => ({ step: place * LEVELS + level, level }))
        .filter(({ step }) => (untold & (1 << step)) !== 0)
        .map(({ step, level }) => ({
          way,
          evidence: evidenceOfRank(level + 1) as Proof["evidence"],
          port: way === "earlier" ? undefined : (this.#ports[slot * STEPS + step] as number),
          atMs: this.#atMs[slot * STEPS + step] as number,
        })),
    ).sort((one, other) => one.atMs - other.atMs);
  }
}
