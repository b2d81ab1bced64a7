/**
 * The verdicts that were given of late on less than proof, so that stronger evidence can be added.
 *
 * Evidence comes later than the probes: the answer to a challenge takes a round trip, and whoever
 * completes a handshake has scanned before. Forged sources are convicted at no cost, so memory is
 * bounded: the oldest verdict makes room. What a flood of them costs is that one which was given
 * just before it cannot be raised any more, and its source has to be convicted anew.
 */
import { isStronger, type Proof } from "../model/evidence.ts";
import type { Verdict } from "../model/verdict.ts";
import { type Prefix, prefixesOverlap } from "../net/prefix.ts";
import { evidenceOf, type ProvesAlone, provenPortOf } from "./proven-ports.ts";

/** Verdicts that are kept: about 5 KiB each at the most. */
export const MAX_GIVEN = 2048;

/** How long (ms) after a verdict its evidence can rise; later it is another scan's. */
const RAISED_WITHIN_MS = 3_600_000;

interface Given {
  readonly verdict: Verdict;
  readonly convictedAtMs: number;
  /** The first on which the source has completed a handshake, before the conviction or since. */
  readonly provenPort: number | undefined;
}

export class GivenVerdicts {
  /** By source; the oldest first. */
  readonly #given = new Map<Prefix, Given>();
  readonly #provesAlone: ProvesAlone;

  constructor(provesAlone: ProvesAlone) {
    this.#provesAlone = provesAlone;
  }

  /**
   * Remembers a verdict in the place of any on the same source.
   * @param convictedAtMs monotonic.
   * @param provenPort on which the source had completed a handshake: src/detectors/proven-ports.ts.
   */
  add(verdict: Verdict, convictedAtMs: number, provenPort: number | undefined): void {
    this.#given.delete(verdict.source);
    // Nothing is stronger than proof.
    if (verdict.evidence === "proven") return;
    this.#given.set(verdict.source, { verdict, convictedAtMs, provenPort });
    if (this.#given.size <= MAX_GIVEN) return;
    const [oldest] = this.#given.keys();
    if (oldest !== undefined) this.#given.delete(oldest);
  }

  /**
   * @returns the verdict with the evidence that the proof comes to with those before it; undefined
   * when that is no stronger, or there is none to raise.
   */
  raise(source: Prefix, proof: Omit<Proof, "source">): Verdict | undefined {
    const given = this.#given.get(source);
    if (given === undefined) return undefined;
    if (proof.seenAtMs - given.convictedAtMs > RAISED_WITHIN_MS) return undefined;
    const isProven = proof.evidence === "proven";
    const provenPort = given.provenPort ?? (isProven ? provenPortOf(proof.port) : undefined);
    const evidence = evidenceOf(proof, given.provenPort, this.#provesAlone);
    const raisedFrom = given.verdict.evidence;
    if (!isStronger(evidence, raisedFrom)) {
      this.#given.set(source, { ...given, provenPort });
      return undefined;
    }
    const verdict = { ...given.verdict, evidence, raisedFrom };
    if (evidence === "proven") this.#given.delete(source);
    else this.#given.set(source, { ...given, verdict, provenPort });
    return verdict;
  }

  /** Forgets the verdicts on every source that `prefix` overlaps. */
  forget(prefix: Prefix): void {
    if (this.#given.delete(prefix)) return;
    for (const source of this.#given.keys()) {
      if (prefixesOverlap(prefix, source)) this.#given.delete(source);
    }
  }
}
