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

/** Verdicts that are kept: about 5 KiB each at the most. */
export const MAX_GIVEN = 2048;

/** How long (ms) after a verdict its evidence can rise; later it is another scan's. */
const RAISED_WITHIN_MS = 3_600_000;

interface Given {
  readonly verdict: Verdict;
  readonly convictedAtMs: number;
}

export class GivenVerdicts {
  /** By source; the oldest first. */
  readonly #given = new Map<Prefix, Given>();

  /** Remembers a verdict in the place of any on the same source. `convictedAtMs`: monotonic. */
  add(verdict: Verdict, convictedAtMs: number): void {
    this.#given.delete(verdict.source);
    // Nothing is stronger than proof.
    if (verdict.evidence === "proven") return;
    this.#given.set(verdict.source, { verdict, convictedAtMs });
    if (this.#given.size <= MAX_GIVEN) return;
    const [oldest] = this.#given.keys();
    if (oldest !== undefined) this.#given.delete(oldest);
  }

  /** @returns the verdict with the stronger evidence; undefined when there is none to raise. */
  raise(source: Prefix, proof: Pick<Proof, "evidence" | "seenAtMs">): Verdict | undefined {
    const given = this.#given.get(source);
    if (given === undefined || !isStronger(proof.evidence, given.verdict.evidence))
      return undefined;
    if (proof.seenAtMs - given.convictedAtMs > RAISED_WITHIN_MS) return undefined;
    const raisedFrom = given.verdict.evidence;
    const verdict = { ...given.verdict, evidence: proof.evidence, raisedFrom };
    if (proof.evidence === "proven") this.#given.delete(source);
    else this.#given.set(source, { ...given, verdict });
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
