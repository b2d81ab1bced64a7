/**
 * The Threshold Random Walk: how likely somebody is a scanner, from whom he found at home.
 *
 * Jung, Paxson, Berger and Balakrishnan, "Fast Portscan Detection Using Sequential Hypothesis
 * Testing" (IEEE Symposium on Security and Privacy, 2004), section 4: each first contact with a
 * destination is a success or a failure, and multiplies the ratio of the two likelihoods by
 * P(outcome | scanner) / P(outcome | honest). Numbers are those of the authors' own program
 * (policy/trw-impl of Bro). Here a destination is an address, a port and a transport of this
 * machine, and a failure is a port that nothing serves.
 *
 * Ours beside it: the logarithm fades with a half-life, so that a month of single slips is no
 * scan; and who is acquitted is not passed over, or four visits to known services would buy an
 * undisturbed scan. The ratio stays at the acquittal, and misses climb from there.
 *
 * Logarithms are to the base 2, in bits: a miss is 2 of them, and exactly so.
 */
import type { ScoreStep } from "./verdict.ts";

/** Detection rate asked for: 0.99; false alarms allowed: 0.01. */
const DETECTION = 0.99;
const FALSE_ALARM = 0.01;

/** The ratio from which on a source is a scanner: 99. */
export const CONVICTION_RATIO = DETECTION / FALSE_ALARM;

/** The ratio below which no source is honest any more than at it: 0.0101. */
export const ACQUITTAL_RATIO = (1 - DETECTION) / (1 - FALSE_ALARM);

/** {@link CONVICTION_RATIO} and {@link ACQUITTAL_RATIO} in bits: 6.63 and -6.63. */
export const CONVICTION_BITS = Math.log2(CONVICTION_RATIO);
const ACQUITTAL_BITS = Math.log2(ACQUITTAL_RATIO);

/** What one first contact is worth, in bits. */
export interface WalkWeights {
  /** An unused TCP port, above 0. */
  readonly missBits: number;
  /** A real service, below 0. */
  readonly hitBits: number;
}

/** The paper's: 80 % of what the honest try succeeds, and 20 % of what a scanner tries. */
const PAPER_WEIGHTS = weightsOf(0.8, 0.2);

/** For one host, whose honest clients know what they want: 90 % and 20 %. */
const STRICT_WEIGHTS = weightsOf(0.9, 0.2);

/** @returns x4 and x0.25; if strict, x8 and x0.22, so that three misses convict and not four. */
export function walkWeights(isStrict: boolean): WalkWeights {
  return isStrict ? STRICT_WEIGHTS : PAPER_WEIGHTS;
}

/** @returns how many unused TCP ports in a row convict: 4; if strict, 3. */
export function missesToConvict(isStrict: boolean): number {
  return Math.ceil(CONVICTION_BITS / walkWeights(isStrict).missBits);
}

/** @returns where the walk is after one more step, `gapMs` (0 or more) after the one before. */
export function stepOn(bits: number, gapMs: number, halfLifeMs: number, stepBits: number): number {
  return Math.max(ACQUITTAL_BITS, bits * 2 ** (-gapMs / halfLifeMs) + stepBits);
}

/** @returns the likelihood ratio that these steps make, whoever wrote them down. */
export function ratioOf(steps: readonly ScoreStep[], halfLifeMs: number): number {
  let bits = 0;
  let lastMs = 0;
  for (const { afterMs, factor } of steps) {
    bits = stepOn(bits, afterMs - lastMs, halfLifeMs, Math.log2(factor));
    lastMs = afterMs;
  }
  return 2 ** bits;
}

/** @param success how often a first contact succeeds, of somebody honest and of a scanner. */
function weightsOf(honestSuccess: number, scannerSuccess: number): WalkWeights {
  // Rounded to what the decimals mean: (1 - 0.2) / (1 - 0.8) is not quite 4 in binary.
  const exactly = (ratio: number) => Math.log2(Math.round(ratio * 1e12) / 1e12);
  return {
    missBits: exactly((1 - scannerSuccess) / (1 - honestSuccess)),
    hitBits: exactly(scannerSuccess / honestSuccess),
  };
}
